import { expect, it } from 'vitest';
import { endingOf } from '../../src/cli/ending.js';
import { createProgram } from '../../src/cli/program.js';

/** What is said of a command line, and how the program ends with it; no command is to run. */
async function saidOf(
  args: readonly string[],
): Promise<{ readonly exitCode: number; readonly said: string }> {
  let said = '';
  const program = createProgram();
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeErr: (text) => (said += text) }).action(() => expect.fail('It ran.'));
  }
  const thrown: unknown = await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => error);
  return { exitCode: endingOf(thrown).exitCode, said };
}

it.each<readonly [string, readonly string[], string]>([
  ['no file', ['send'], "'files'"],
  ['an unknown option', ['send', 'x.csv', '--frobnicate'], 'frobnicate'],
  ['a rate that is no number', ['send', 'o.csv', '--rate', 'fast'], '--rate'],
  ['no rate', ['send', 'o.csv', '--rate', ''], '--rate'],
  ['a rate of none', ['send', 'o.csv', '--rate', '0'], '--rate'],
  ['a larger rate than the config takes', ['send', 'o.csv', '--rate', '1000001'], 'at most 1000000'],
  ['no request in flight', ['send', 'o.csv', '--concurrency', '0'], '--concurrency'],
  ['half a request in flight', ['send', 'o.csv', '--concurrency', '0.5'], '--concurrency'],
  ['more in flight than the config takes', ['send', 'o.csv', '--concurrency', '257'], 'from 1 to 256'],
  // As of a variable that is not set: every order was skipped, and all that was delivered was sent again.
  ['an empty event name', ['send', 'o.csv', '--event', ''], '--event'],
  ['an empty state', ['send', 'o.csv', '--state='], '--state'],
  ['an empty state to look at', ['runs', '--state', ''], '--state'],
  ['a ~ that the shell has left', ['send', 'o.csv', '--state=~/state'], 'so that the shell replaces it'],
  ['such a ~ where a state is looked at', ['runs', '--state=~/state'], 'so that the shell replaces it'],
  ['such a ~ where it is checked', ['doctor', '--state=~/state'], 'so that the shell replaces it'],
  ...[
    ['send', 'o.csv', '--dry-run', '--out=~/o.ndjson'],
    ['send', 'o.csv', '--rejects=~/r.ndjson'],
    ['validate', 'o.csv', '--report=~/r.html'],
    ['init', 'o.csv', '--config=~/c.yaml'],
    ['serve-plugin', '--out=~'],
    ['sandbox', '--out=~/b.ndjson'],
  ].map((args) => [`such a ~ in ${args.join(' ')}`, args, 'so that the shell replaces it'] as const),
  ['an empty name of an audience', ['sync-audience', 'o.csv', '--audience', ''], '--audience'],
  ['- as a file to write', ['send', 'o.csv', '--dry-run', '--out', '-'], '/dev/stdout'],
  ['- as a config to write', ['init', 'o.csv', '--config', '-'], "'--config <file>'"],
  ['a config to write that is called JSON', ['init', 'o.csv', '--config', 'c.json'], 'Name it .yaml'],
  ['an empty name of a config to write', ['init', 'o.csv', '--config', ''], "'--config <file>'"],
  ['an empty name of a file to write', ['send', 'o.csv', '--rejects='], '--rejects'],
  ['no time at all', ['send', 'o.csv', '--max-duration', '0'], '--max-duration'],
  [
    'a gate of a wrong form',
    ['validate', 'o.csv', '--require', 'email>80%'],
    'Write it as rtid>=20%,email>=80%',
  ],
  ['a storage key that is no name', ['serve-plugin', '--storage-key', 'a=b'], '--storage-key'],
  ['an expiry that is no time', ['serve-plugin', '--expires', 'soon'], '--expires'],
  ['an expiry at once', ['serve-plugin', '--expires', '0'], '--expires'],
  ['an expiry in days without a unit', ['serve-plugin', '--expires', '30'], '--expires'],
  ['a query parameter without a name', ['serve-plugin', '--query-param', ''], '--query-param'],
  ['query parameters in one word', ['serve-plugin', '--query-param', 'rtid,rclid'], '--query-param'],
  [
    'a query parameter with more than its name',
    ['serve-plugin', '--query-param', 'rtid', '?rclid='],
    '--query-param',
  ],
  ['a port that there is not', ['serve-plugin', '--port', '70000000000'], '--port'],
  ['an empty address', ['serve-plugin', '--port', '0', '--host', ''], '--host'],
])('%s is wrong usage, and what is said names it', async (_, args, text) => {
  const { exitCode, said } = await saidOf(args);
  expect(exitCode).toBe(2);
  expect(said).toContain(text);
  expect(said).not.toContain('Did you mean');
});
