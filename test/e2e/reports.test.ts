import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { badRequest, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { CREDENTIALS, run } from '../helpers/program.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const textOf = (name: string): string => readFileSync(join(folder.path, name), 'utf8');

/** Runs a command that writes all its reports, and gives back what each of them says. */
async function runTold(...args: string[]) {
  const ended = await run(
    [
      ...args,
      ...['--endpoint', server?.url ?? 'http://127.0.0.1:9/v2'],
      ...['json', 'xml', 'md', 'html'].flatMap((ending) => ['--report', `r.${ending}`]),
    ],
    { cwd: folder.path, env: { ...CREDENTIALS, GITHUB_ACTIONS: 'true' } },
  );
  const { result, checks } = JSON.parse(textOf('r.json'));
  return {
    ...ended,
    result,
    checks,
    junit: textOf('r.xml'),
    markdown: textOf('r.md'),
    html: textOf('r.html'),
  };
}

describe('a leave that the server refuses', () => {
  it('is told in every form: the run fails for it, though no record of the input is rejected', async () => {
    let refused = 'nobody';
    server = await startCapiServer((_, { body }) =>
      body.includes(refused) ? badRequest('no') : { kind: 'accept' },
    );
    folder.write('vip.csv', 'user_id\nu1\nu2\nu3\n');
    expect((await runTold('sync-audience', 'vip.csv')).code).toBe(0);
    refused = '"u2"';
    folder.write('vip.csv', 'user_id\nu1\nu3\n');
    const told = await runTold('sync-audience', 'vip.csv');
    expect(told.code).toBe(3);
    expect(told.result).toMatchObject({ exitCode: 3, rejected: 0, audiences: [{ members: 3, refused: 1 }] });
    const what = '1 leave of vip was refused by the server';
    for (const text of [told.stdout, told.stderr, told.junit, told.markdown, told.html])
      expect(text).toContain(what);
    expect(told.junit).toContain('failures="1"');
    expect(told.html).toContain('1 check failed');
    expect(told.stderr).toContain('::error title=rokt-capi leaves vip::');
    expect(told.stdout, 'nothing of the input is to be fixed').not.toContain('fix the records');
    expect(textOf(told.result.rejects)).toContain('It said: no');
    expect(statSync(join(folder.path, told.result.rejects)).mode & 0o777).toBe(0o600);
  });
});
