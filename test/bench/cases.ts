import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchData } from './data.js';

/** One process to measure. */
export interface Case {
  readonly name: CaseName;
  /** Records that it goes through; 0 for what has none. */
  readonly rows: number;
  /** Of `node`. */
  readonly args: readonly string[];
}

/** What is measured, in this order. */
export type CaseName =
  | 'node -e 0'
  | '--help'
  | 'send --dry-run, 500 rows'
  | 'bare csv-parse, arrays'
  | 'bare csv-parse, objects'
  | 'bare JSON.parse by line'
  | 'send --dry-run, CSV, no hashes'
  | 'send --dry-run, CSV, five hashes'
  | 'send --dry-run, CSV, five hashes, five times the rows'
  | 'send --dry-run, NDJSON, five hashes'
  | 'send, unthrottled, --no-state'
  | 'send, unthrottled, state on'
  | 'send again: all duplicate'
  | 'sync-audience, first'
  | 'sync-audience, 5 % changed';

/** The cases over these files; they keep what they write in `directory`, and send to `sink` (a base URL). */
export function casesOf(root: string, directory: string, data: BenchData, sink: string): readonly Case[] {
  const bin = join(root, 'bin', 'rokt-capi.js');
  const fields = ['email', 'firstName', 'lastName', 'mobile', 'billingZipcode'];
  const hashing = join(directory, 'hashing.yaml');
  writeFileSync(hashing, `version: 1\nhashing: { ${fields.map((name) => `${name}: true`).join(', ')} }\n`);
  const plain = join(directory, 'plain.yaml');
  writeFileSync(plain, 'version: 1\n');
  const state = ['--state', join(directory, 'state')];
  const fast = ['--endpoint', sink, '--rate', '1000000'];
  const dry = ['--dry-run', '--no-state'];
  const { rows } = data;
  const send = (name: CaseName, count: number, file: string, config: string, ...rest: string[]): Case => ({
    name,
    rows: count,
    args: [bin, 'send', file, '--config', config, '--quiet', ...rest],
  });
  const sync = (name: CaseName, file: string): Case => ({
    name,
    rows,
    args: [
      bin,
      'sync-audience',
      file,
      '--audience',
      'bench',
      '--config',
      plain,
      '--quiet',
      ...fast,
      ...state,
    ],
  });
  return [
    { name: 'node -e 0', rows: 0, args: ['-e', '0'] },
    { name: '--help', rows: 0, args: [bin, '--help'] },
    send('send --dry-run, 500 rows', 500, data.small, hashing, ...dry),
    { name: 'bare csv-parse, arrays', rows, args: bareCsv(root, data.csv, false) },
    { name: 'bare csv-parse, objects', rows, args: bareCsv(root, data.csv, true) },
    { name: 'bare JSON.parse by line', rows, args: bareJson(data.ndjson) },
    send('send --dry-run, CSV, no hashes', rows, data.csv, plain, ...dry),
    send('send --dry-run, CSV, five hashes', rows, data.csv, hashing, ...dry),
    ...(data.large === undefined
      ? []
      : [
          send(
            'send --dry-run, CSV, five hashes, five times the rows',
            rows * 5,
            data.large,
            hashing,
            ...dry,
          ),
        ]),
    send('send --dry-run, NDJSON, five hashes', rows, data.ndjson, hashing, ...dry),
    send('send, unthrottled, --no-state', rows, data.csv, hashing, ...fast, '--no-state'),
    send('send, unthrottled, state on', rows, data.csv, hashing, ...fast, ...state),
    send('send again: all duplicate', rows, data.csv, hashing, ...fast, ...state),
    sync('sync-audience, first', data.audience),
    sync('sync-audience, 5 % changed', data.audienceLater),
  ];
}

function bareCsv(root: string, file: string, columns: boolean): string[] {
  return [
    '--input-type=module',
    '-e',
    `import { createReadStream } from 'node:fs';
   import { parse } from ${JSON.stringify(join(root, 'node_modules/csv-parse/lib/index.js'))};
   let n = 0;
   for await (const row of createReadStream(${JSON.stringify(file)}).pipe(parse({ columns: ${columns} }))) n += row === null ? 0 : 1;`,
  ];
}

function bareJson(file: string): string[] {
  return [
    '--input-type=module',
    '-e',
    `import { createReadStream } from 'node:fs';
   let held = '', n = 0;
   for await (const chunk of createReadStream(${JSON.stringify(file)}, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
     const lines = (held + chunk).split('\\n');
     held = lines.pop();
     for (const line of lines) n += JSON.parse(line).type === 'track' ? 1 : 0;
   }`,
  ];
}
