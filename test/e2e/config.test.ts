import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { CREDENTIALS, run } from '../helpers/program.js';

const folder = useFolder();

const ORDERS = 'Nr,Email,Total,Click,Paid at\n1,a@example.com,5,click-1,2026-11-01T10:00:00Z\n';

function validate(config: string, ...args: readonly string[]) {
  folder.write('o.csv', ORDERS);
  folder.write('rokt-capi.config.yaml', config);
  return run(['validate', 'o.csv', ...args], { cwd: folder.path });
}

describe('a config that sends a column where nothing looks for it', () => {
  it.each([
    ['Click: rtid', 5, 12, 'Did you mean integrations.Rokt Conversions API.rtid?'],
    ['Nr: [properties.order_id, message_id]', 5, 31, 'Did you mean messageId?'],
    ['Total: propertes.revenue', 5, 12, 'Did you mean properties.revenue?'],
  ])('is an error with its line: %s', async (entry, line, column, hint) => {
    const ended = await validate(`version: 1\nsource:\n  columns:\n    Paid at: timestamp\n    ${entry}\n`);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(`rokt-capi.config.yaml:${line}:${column}: PLACE_INVALID: `);
    expect(ended.stderr).toContain(hint);
  });

  it('is none where it sends it to a property of its own', async () => {
    const ended = await validate(
      'version: 1\nsource: { columns: { Click: coupon, Nr: properties.message_id } }\n',
    );
    expect(ended.code).toBe(0);
  });
});

describe('a config that is a link which leads nowhere, as to a volume that is not mounted', () => {
  it('is an error: with the defaults the e-mail addresses would go out in plain text', async () => {
    folder.write('o.csv', ORDERS);
    symlinkSync('/nowhere/config.yaml', join(folder.path, 'rokt-capi.config.yaml'));
    const ended = await run(['validate', 'o.csv'], { cwd: folder.path });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('rokt-capi.config.yaml: CONFIG_NOT_FOUND: ');
  });
});

it('a state directory that is a file is told so, in each command', async () => {
  folder.write('o.csv', ORDERS);
  for (const args of [['send', 'o.csv', '--sandbox'], ['runs']]) {
    const ended = await run([...args, '--state', 'o.csv'], { cwd: folder.path });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('There is a file where the state directory should be.');
  }
});

it('a config out of a pipe has its state in the working directory', async () => {
  folder.write('o.csv', ORDERS);
  mkdirSync(join(folder.path, 'pipes'));
  const pipe = join(folder.path, 'pipes', 'config');
  execFileSync('mkfifo', [pipe]);
  const [ended] = await Promise.all([
    run(['send', 'o.csv', '--config', 'pipes/config', '--endpoint', 'http://127.0.0.1:9/v2'], {
      cwd: folder.path,
      env: CREDENTIALS,
    }),
    writeFile(pipe, 'version: 1\ndelivery: { giveUpAfter: 1ms }\n'),
  ]);
  expect(ended.code, ended.stderr).toBe(5);
  expect(existsSync(join(folder.path, '.rokt-capi', 'state.json'))).toBe(true);
});
