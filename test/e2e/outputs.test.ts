import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { CREDENTIALS, type Ended, run, temporaryDirectory } from '../helpers/program.js';

let folder: ReturnType<typeof temporaryDirectory>;
let server: CapiServer;
beforeEach(async () => {
  folder = temporaryDirectory();
  server = await startCapiServer();
});
afterEach(async () => {
  await server.close();
  folder.remove();
});

const HEADER = 'Order Number,Email,Total,Currency,Paid at\n';
const PAID = new Date(Date.now() - 86_400_000).toISOString();
const GOOD = `1,a@example.com,5,USD,${PAID}\n`;
const BAD = `2,,5,USD,${PAID}\n`;
const path = (name: string): string => join(folder.path, name);
const write = (name: string, text: string): void => writeFileSync(path(name), text);
const go = (...args: string[]): Promise<Ended> => run(args, { cwd: folder.path, env: CREDENTIALS });
const send = (...args: string[]): Promise<Ended> => go('send', '--endpoint', server.url, ...args);

describe('a file to write that is a directory', () => {
  it.each([
    ['REJECTS_UNWRITABLE', '--rejects', 'there'],
    ['REJECTS_UNWRITABLE', '--rejects', 'link'],
    ['REPORT_UNWRITABLE', '--report', 'there.html'],
  ])('is told as %s before anything is sent: %s %s', async (code, option, name) => {
    for (const directory of ['there', 'there.html']) mkdirSync(path(directory));
    symlinkSync('there', path('link'));
    write('o.csv', HEADER + GOOD + BAD);
    const ended = await send('o.csv', option, name);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(
      `${path(name)}: ${code}: The file cannot be written: there is a directory`,
    );
    expect(server.requests).toEqual([]);
    expect(existsSync(path('.rokt-capi'))).toBe(false);
  });
});
