import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { run } from '../helpers/program.js';

const folder = useFolder();
const { write } = folder;

const time = new Date(Date.now() - 86_400_000).toISOString();

/** An order of this user, for these destinations. */
const order = (userId: string, integrations: unknown, rest: object = {}): string =>
  JSON.stringify({
    type: 'track',
    event: 'Order Completed',
    messageId: `order-of-${userId}`,
    timestamp: time,
    userId,
    properties: { order_id: userId, revenue: 5, currency: 'USD' },
    integrations,
    ...rest,
  });

const start = (command: 'send' | 'sync-audience', args: readonly string[]) =>
  run([command, '--dry-run', '--out', 'out.ndjson', ...args], { cwd: folder.path });

/** The users of the batches that would be sent. */
function sent(): readonly string[] {
  return readFileSync(join(folder.path, 'out.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): string => JSON.parse(line).user_identities.customerid);
}

describe('a call that is switched off for Rokt in its integrations', () => {
  it('is skipped, as by Segment, and the summary says so', async () => {
    const lines = [
      order('no-word', {}),
      order('nulled', null),
      order('off', { 'Rokt Conversions API': false }),
      order('off-in-catalog', { All: true, 'Rokt Conversions API (Actions)': false }),
      order('all-off', { All: false, Mixpanel: true }),
      order('only-rokt', { All: false, 'Rokt Conversions API': true }),
      order('only-rokt-with-click', { All: false, 'Rokt Conversions API': { rtid: 'click' } }),
      order('other-off', { Mixpanel: false }),
    ];
    write('orders.ndjson', `${lines.join('\n')}\n`);
    const ended = await start('send', ['orders.ndjson']);
    expect(ended.code, ended.stderr).toBe(0);
    expect(sent()).toEqual(['no-word', 'nulled', 'only-rokt', 'only-rokt-with-click', 'other-off']);
    expect(ended.stdout).toMatch(/skipped +3 {2}no mapping's trigger matched, or switched off for Rokt\n/);
    expect(ended.stdout).toMatch(/3 × CALL_SWITCHED_OFF.*\n +at orders\.ndjson:3, orders\.ndjson:4/);
  });

  it('is one of a table, too', async () => {
    write(
      'events.csv',
      `type,event,messageId,timestamp,userId,integrations.All,integrations['Rokt Conversions API']\n${[
        `track,Order Completed,1,${time},off,,false`,
        `track,Order Completed,2,${time},all-off,FALSE,`,
        `track,Order Completed,3,${time},on,false,true`,
        `track,Order Completed,4,${time},no-word,,`,
      ].join('\n')}\n`,
    );
    const ended = await start('send', ['events.csv']);
    expect(ended.code, ended.stderr).toBe(0);
    expect(sent()).toEqual(['on', 'no-word']);
  });

  it('is one of a table with a column of RTIDs or of JSON, too', async () => {
    write(
      'events.csv',
      `type,event,messageId,timestamp,userId,rtid,integrations.All\n${[
        `track,Order Completed,1,${time},all-off,,false`,
        `track,Order Completed,2,${time},only-rokt-with-click,click,false`,
      ].join('\n')}\n`,
    );
    write(
      'json.csv',
      `type,event,messageId,timestamp,userId,integrations\n${[
        `track,Order Completed,3,${time},off,"{""Rokt Conversions API"":false}"`,
        `track,Order Completed,4,${time},no-word,`,
      ].join('\n')}\n`,
    );
    const ended = await start('send', ['events.csv', 'json.csv']);
    expect(ended.code, ended.stderr).toBe(0);
    expect(sent()).toEqual(['only-rokt-with-click', 'no-word']);
  });

  it('is shown as such, and a night of nothing else is told of with --quiet', async () => {
    write('orders.ndjson', `${order('off', { 'Rokt Conversions API': false })}\n`);
    const shown = await run(['send', 'orders.ndjson', '--dry-run', '--show', '1'], { cwd: folder.path });
    expect(shown.stdout).toContain('CALL_SWITCHED_OFF');
    const quiet = await run(['send', 'orders.ndjson', '--dry-run', '--quiet'], { cwd: folder.path });
    expect(quiet.stderr).toContain('CALL_SWITCHED_OFF');
    expect(quiet.stderr).not.toContain('NOTHING_MATCHED');
  });

  it('is not one of Engage, which names the destinations that the audience has in Segment, unless it names Rokt', async () => {
    const engage = (userId: string, integrations: object): string =>
      order(userId, integrations, {
        type: 'identify',
        event: undefined,
        properties: undefined,
        traits: { vip: true },
        context: { personas: { computation_key: 'vip', computation_class: 'audience' } },
      });
    const lines = [
      engage('elsewhere', { All: false, HubSpot: true, Warehouses: { all: false } }),
      engage('off', { 'Rokt Conversions API': false }),
    ];
    write('engage.ndjson', `${lines.join('\n')}\n`);
    for (const command of ['send', 'sync-audience'] as const) {
      const ended = await start(command, ['engage.ndjson']);
      expect(ended.code, ended.stderr).toBe(0);
      expect(sent()).toEqual(['elsewhere']);
      expect(ended.stdout).toContain('1 × CALL_SWITCHED_OFF');
    }
  });
});
