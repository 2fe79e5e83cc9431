import { type Command, Option } from 'commander';
import { DEFAULT_EVENT } from '../input/default-event.js';
import {
  listOf,
  parseAllowedRejects,
  parseConcurrency,
  parseName,
  parseNatural,
  parseOutput,
  parsePath,
  parseRate,
  parseTime,
  parseWait,
} from './option-values.js';

/** Adds the options of the commands that deliver. */
export function addDeliveryOptions(command: Command): Command {
  return command
    .option(
      '--max-rejects <n>',
      'stop as soon as more than n records, or a larger share (0.5%), are rejected',
      parseAllowedRejects,
    )
    .option('--endpoint <url>', 'base URL of the API, instead of the one in the config')
    .option('--dry-run', 'do everything except send')
    .option('--sandbox', 'send to a local CAPI started for this run; needs no credentials')
    .option('--rate <n>', 'batches a second; default: that of the config, or 270', parseRate)
    .option(
      '--concurrency <n>',
      'requests in flight at once; default: that of the config, or 4',
      parseConcurrency,
    )
    .option('--resend', 'deliver again what earlier runs delivered')
    .option('--no-state', 'ignore earlier runs, and record nothing for later ones')
    .option(
      '--wait <seconds>',
      'wait for another run on the same state to end; default: fail at once',
      parseWait,
    )
    .option('--max-duration <time>', 'stop after this time (90s, 30m, 2h); the rest is pending', parseTime)
    .option('--accept-changed', 'go on even if a file has changed since a run stopped part-way through it');
}

/** `--workers`. */
export const WORKERS = new Option(
  '--workers <n>',
  'threads for files of 20,000 records or more; 0 for none; default: one per core that there is memory for',
).argParser(parseNatural);
/** `--event`. */
export const EVENT = new Option(
  '--event <name>',
  `event name for rows that have none; default: ${DEFAULT_EVENT}`,
).argParser(parseName);

/** Adds the files to read, and the options of the commands that read some. */
export function addInputOptions(command: Command): Command {
  return command
    .argument('<files...>', 'files to read; - for standard input')
    .option('--config <file>', 'config file; default: rokt-capi.config.yaml from here upwards')
    .option(
      '--out <file>',
      'in a dry run: write the batches as they would be sent, one per line',
      parseOutput,
    )
    .option(
      '--show <line>',
      'in a dry run: show the record on this line, what each mapping makes of it and why, and its batch',
      parseNatural,
    )
    .addOption(
      new Option(
        '--format <format>',
        'format of the files; default: detected from the content, then the file name',
      ).choices(['csv', 'ndjson', 'json']),
    )
    .option(
      '--state <dir>',
      'directory for the state and the rejects files; default: that of the config, or .rokt-capi beside it',
      parsePath,
    )
    .option(
      '--report <file>',
      'write a report: .html, .json, .xml (JUnit) or .md; may be repeated',
      listOf(parseOutput),
    )
    .option('--rejects <file>', 'where rejected records go; default: in the state directory', parseOutput)
    .option('--json', 'print the summary as one JSON object on standard output')
    .option('--quiet', 'print only errors, and the summary only if something needs attention')
    .option('--strict', 'reject records that would otherwise be sent with a warning');
}
