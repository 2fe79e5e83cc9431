import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Batch } from '../../src/payload/wire.js';
import { useFolder } from '../helpers/folder.js';
import { run } from '../helpers/program.js';

const folder = useFolder();

/** What templates make of an order, on a machine in this time zone. */
async function rendered(templates: Readonly<Record<string, string>>, zone: string): Promise<unknown> {
  const eventProperties = Object.fromEntries(
    Object.entries(templates).map(([name, template]) => [name, { '@liquid': template }]),
  );
  const mappings = [{ name: 'Orders', preset: 'send', fields: { eventProperties } }];
  folder.write('c.json', JSON.stringify({ version: 1, mappings }));
  folder.write(
    'o.ndjson',
    JSON.stringify({
      type: 'track',
      event: 'Order Completed',
      messageId: 'm-1',
      timestamp: '2026-05-01T01:30:00Z',
      userId: 'u-1',
      properties: {
        plain: '2026-05-01 10:00:00',
        words: 'May 1, 2026 10:00 AM',
        zoned: '2026-05-01 10:00:00 +0200',
        european: 'Fri, 01 May 2026 10:00:00 GMT',
        day: '2026-05-01',
        seconds: '1777600000',
      },
    }),
  );
  const ended = await run(['send', 'o.ndjson', '--config', 'c.json', '--dry-run', '--out', 'b', '--quiet'], {
    cwd: folder.path,
    env: { TZ: zone },
  });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const batch: Batch = JSON.parse(readFileSync(join(folder.path, 'b'), 'utf8'));
  return batch.events?.[0]?.data.custom_attributes;
}

it.each(['UTC', 'America/New_York', 'Asia/Tokyo'])(
  'a time in a Liquid template is one of UTC, as on the servers of Segment, on a machine in %s',
  async (zone) => {
    const format = '"%Y-%m-%d %H:%M %z"';
    const templates = {
      timestamp: `{{ timestamp | date: ${format} }}`,
      plain: `{{ properties.plain | date: ${format} }}`,
      words: `{{ properties.words | date: ${format} }}`,
      zoned: `{{ properties.zoned | date: ${format} }}`,
      european: `{{ properties.european | date: ${format} }}`,
      day: `{{ properties.day | date: ${format} }}`,
      seconds: `{{ properties.seconds | date: ${format} }}`,
      there: `{{ timestamp | date: ${format}, "America/New_York" }}`,
      schema: '{{ properties.plain | date_to_xmlschema }}',
      long: '{{ timestamp | date_to_long_string }}',
      none: '{{ type | date: "%Y" }}',
    };
    expect(await rendered(templates, zone)).toMatchObject({
      timestamp: '2026-05-01 01:30 +0000',
      plain: '2026-05-01 10:00 +0000',
      words: '2026-05-01 10:00 +0000',
      zoned: '2026-05-01 08:00 +0000',
      european: '2026-05-01 10:00 +0000',
      day: '2026-05-01 00:00 +0000',
      seconds: '2026-05-01 01:46 +0000',
      there: '2026-04-30 21:30 -0400',
      schema: '2026-05-01T10:00:00+00:00',
      long: '01 May 2026',
      none: 'track',
    });
  },
);
