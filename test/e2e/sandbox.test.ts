import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, temporaryDirectory } from '../helpers/program.js';

let folder: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder.remove());

describe('a sandbox', () => {
  it.each([
    ['--port 70000', 'Port 70000 of 127.0.0.1'],
    ['--port 0 --host foo.invalid', 'Port 0 of foo.invalid'],
    ['--port 0 --host 192.0.2.1', 'Port 0 of 192.0.2.1'],
  ])('that cannot listen there says so: %s', async (options, what) => {
    const ended = await run(['sandbox', ...options.split(' ')], { cwd: folder.path });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /^SANDBOX_PORT_TAKEN: .* cannot be listened on \([A-Z_]+\)\.\n {2}→ [^\n]*\n$/,
    );
    expect(ended.stderr).toContain(what);
  });
});
