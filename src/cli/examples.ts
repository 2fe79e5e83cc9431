/** What `rokt-capi --help` ends with. */
export const PROGRAM_EXAMPLES = `
Examples:
  $ rokt-capi init orders.csv               write a config for this file
  $ rokt-capi send orders.csv --sandbox     rehearse against a local server
  $ rokt-capi validate orders.csv           check every row, send nothing
  $ rokt-capi send orders.csv               deliver

Exit codes: 0 all delivered, 1 unexpected failure, 2 wrong usage or config, 3 some rejected (or a gate of
validate failed), 4 credentials refused, 5 stopped early (run it again), 130/143 interrupted (run it again).`;

/** What the help of each command ends with, by its name. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  send: examples(
    ['rokt-capi send orders.csv', 'deliver what earlier runs did not deliver'],
    ['zcat orders.ndjson.gz | rokt-capi send -', 'from standard input'],
    ['rokt-capi send orders.csv --dry-run --out batches.ndjson', 'see what would be sent'],
    ['rokt-capi send orders.csv --dry-run --show 42', 'see what becomes of line 42, and why'],
    ['rokt-capi send orders.csv --quiet --max-rejects 5%', 'from cron: mails only if something is wrong'],
  ),
  validate: examples(
    ['rokt-capi validate orders.csv', 'check every record'],
    ["rokt-capi validate orders.csv --max-rejects 0.5% --require 'email>=80%'", 'a gate for CI'],
    ['rokt-capi validate orders.csv --report report.html --report junit.xml', 'for people, and for CI'],
    ['rokt-capi validate orders.csv --config new.yaml --against old.yaml', 'see what a new config changes'],
  ),
  'sync-audience': examples(
    ['rokt-capi sync-audience vip.json --dry-run', 'see who would join and leave'],
    ['rokt-capi sync-audience vip.json', 'send the changes'],
    ['rokt-capi sync-audience today.json --previous yesterday.json', 'compare two files, without state'],
  ),
  init: examples(
    ['rokt-capi init orders.csv', 'ask for what the file does not show'],
    ['rokt-capi init orders.csv --preset shopify --yes', 'ask nothing'],
  ),
  'serve-plugin': examples(
    ['rokt-capi serve-plugin --html', 'paste it into the page, or into a tag manager'],
    ['rokt-capi serve-plugin --out rtid.js --sri', 'a file, and the tag that loads it'],
    ['rokt-capi serve-plugin --port 8080', 'try it on a demo page'],
  ),
  runs: examples(
    ['rokt-capi runs', 'list all remembered runs'],
    ['rokt-capi runs --event order-100017', 'was this event delivered?'],
    ['rokt-capi runs --audiences', 'list the audiences'],
  ),
  doctor: examples(
    ['rokt-capi doctor', 'before the first run'],
    ['rokt-capi doctor --json', 'for monitoring'],
  ),
  explain: examples(['rokt-capi explain TIMESTAMP_UNREADABLE', 'what it means, and what to do']),
  completion: examples(
    ['eval "$(rokt-capi completion bash)"', 'in ~/.bashrc'],
    ['source <(rokt-capi completion zsh)', 'in ~/.zshrc, after compinit'],
    ['rokt-capi completion fish > ~/.config/fish/completions/rokt-capi.fish', 'for fish'],
  ),
  sandbox: examples(
    ['rokt-capi sandbox', 'on port 7777'],
    ['rokt-capi send orders.csv --endpoint http://127.0.0.1:7777/v2', 'send to it from another terminal'],
  ),
};

function examples(...lines: readonly (readonly [command: string, does: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, does]) => `  $ ${command.padEnd(width)}   ${does}`).join('\n')}`;
}
