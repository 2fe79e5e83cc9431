import { Argument, Command, Option } from 'commander';
import { SOURCE_PRESET_NAMES } from '../config/source-presets.js';
import { printableLines } from '../printable.js';
import { addDeliveryOptions, addInputOptions, EVENT, WORKERS } from './common-options.js';
import { EXAMPLES, PROGRAM_EXAMPLES } from './examples.js';
import {
  listOf,
  parseAllowedRejects,
  parseConfigOutput,
  parseHost,
  parseLongDuration,
  parseName,
  parseNatural,
  parseOutput,
  parsePath,
  parseQueryParam,
  parseRequirements,
  parseShare,
  parseStorageKey,
} from './option-values.js';
import type {
  DoctorOptions,
  InitOptions,
  RunsOptions,
  SandboxOptions,
  SendOptions,
  ServePluginOptions,
  SyncAudienceOptions,
  ValidateOptions,
} from './options.js';
import { SHELLS, type Shell } from './shells.js';
import { readVersion } from './version.js';

/**
 * The command line (design.md, section 3). A command's code is loaded only when the command runs, so that `--help`
 * is quick. To parse with it throws a CommanderError where the usage is wrong, and where help was asked for.
 */
export function createProgram(): Command {
  const program = new Command('rokt-capi')
    .description("Upload offline conversions and audiences to Rokt's Conversions API.")
    .version(readVersion())
    .showHelpAfterError('Run with --help for the options.')
    .configureOutput({ outputError: (text, write) => write(printableLines(withoutValue(text))) })
    .exitOverride()
    .addHelpText('after', PROGRAM_EXAMPLES);
  addDeliveryOptions(addInputOptions(program.command('send')).addOption(EVENT))
    .addOption(WORKERS)
    .description('Map, hash and upload events from CSV, NDJSON or JSON files.')
    .action(async (files: string[], options: SendOptions) => {
      const { send } = await import('./send.js');
      await send(files, options);
    });
  addInputOptions(program.command('validate'))
    .addOption(EVENT)
    .addOption(WORKERS)
    .option(
      '--max-rejects <n>',
      'fail if more than n records, or a larger share (0.5%), are rejected',
      parseAllowedRejects,
    )
    .description('Check every record as send would, but send nothing; a gate for CI.')
    .option(
      '--require <shares>',
      'shares of records that must have an identifier, such as rtid>=20%,email>=80%',
      parseRequirements,
    )
    .option('--endpoint <url>', 'base URL of the API; what was delivered there counts as delivered')
    .option('--no-state', 'ignore earlier runs')
    .option(
      '--against <file>',
      'show how the batches of this input differ from those made with this other config',
    )
    .option('--baseline <file>', 'fail if a share has fallen since this earlier JSON report')
    .option('--tolerance <share>', 'with --baseline: how far a share may fall; default: 5%', parseShare)
    .action(async (files: string[], options: ValidateOptions) => {
      const { validate } = await import('./validate.js');
      await validate(files, options);
    });
  addDeliveryOptions(addInputOptions(program.command('sync-audience')))
    .description("Make Rokt's audiences equal to snapshot files: send who joined and who left.")
    .option(
      '--audience <name>',
      'name of the audience; default: from the content, then the file name',
      parseName,
    )
    .option('--previous <file>', 'compare with this earlier snapshot, and use no state')
    .addOption(
      new Option('--max-drop <share>', 'stop if a larger share of 100 or more members would leave')
        .argParser(parseShare)
        .default(0.2, '20%'),
    )
    .option('--allow-empty', 'take an empty snapshot to mean that everyone has left')
    .option('--full', 'send every member again')
    .action(async (files: string[], options: SyncAudienceOptions) => {
      const { syncAudience } = await import('./sync-audience.js');
      await syncAudience(files, options);
    });
  program
    .command('init')
    .description('Write a commented config that works for this file.')
    .argument('[file]', 'a file that you will send; its columns show what it is')
    .option('--config <file>', 'where to write it; default: rokt-capi.config.yaml here', parseConfigOutput)
    .addOption(new Option('--preset <name>', 'what kind of export the file is').choices(SOURCE_PRESET_NAMES))
    .option('-y, --yes', 'take the defaults instead of asking')
    .option('--force', 'overwrite an existing config')
    .action(async (file: string | undefined, options: InitOptions) => {
      const { init } = await import('./init.js');
      await init(file, options);
    });
  program
    .command('serve-plugin')
    .description("Print the browser snippet that captures Rokt's click id (RTID).")
    .option('--html', 'print it with its script tag')
    .option('--esm', 'print an ES module with the plugin for analytics.register')
    .option('--sri', 'print the integrity hash, and the tag that uses it')
    .option('--out <file>', 'write to this file; with --sri, write the script and print its tag', parseOutput)
    .option('--port <n>', 'serve it over HTTP, with a demo page; 0 for any free port', parseNatural)
    .option('--host <host>', 'address to listen on', parseHost, '127.0.0.1')
    .option(
      '--query-param <names...>',
      'query parameters of the landing page; the first one present counts; default: rtid rclid',
      listOf(parseQueryParam),
    )
    .option(
      '--storage-key <key>',
      'key under which the value is kept',
      parseStorageKey,
      'analytics_rokt_capi_rtid',
    )
    .addOption(
      new Option('--expires <time>', 'how long it is kept')
        .argParser(parseLongDuration)
        .default(30 * 86_400_000, '30d'),
    )
    .option(
      '--integration-name <name>',
      'name of the destination in Segment',
      parseName,
      'Rokt Conversions API',
    )
    .option('--require-consent', 'store nothing before roktRtid.consent(true)')
    .action(async (options: ServePluginOptions) => {
      const { servePlugin } = await import('./serve-plugin.js');
      await servePlugin(options);
    });
  program
    .command('runs')
    .description('Show what earlier runs did.')
    .argument('[id]', 'show this run in full; the beginning of its id is enough')
    .option('--audiences', 'show each audience, its number of members and its last confirmed sync')
    .option('--event <id>', 'show when, and in which run, the event with this id was accepted', parseName)
    .option('--config <file>', 'config file; default: rokt-capi.config.yaml from here upwards')
    .option('--state <dir>', 'directory of the state', parsePath)
    .option('--json', 'print one JSON value on standard output')
    .action(async (id: string | undefined, options: RunsOptions) => {
      const { runs } = await import('./runs.js');
      await runs(id, options);
    });
  program
    .command('doctor')
    .description(
      'Check config, credentials, state, endpoint and clock before a run needs them; send nothing.',
    )
    .option('--config <file>', 'config file; default: rokt-capi.config.yaml from here upwards')
    .option('--endpoint <url>', 'base URL of the API, instead of the one in the config')
    .option('--state <dir>', 'directory of the state', parsePath)
    .option('--json', 'print one JSON value on standard output')
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('./doctor.js');
      await doctor(options);
    });
  program
    .command('explain')
    .description('Explain a code: what it means, and what to do.')
    .argument('[code]', 'for example TIMESTAMP_UNREADABLE; default: list them all')
    .action(async (code: string | undefined) => {
      const { explain } = await import('./explain.js');
      explain(code);
    });
  program
    .command('completion')
    .description('Print a script that makes a shell complete commands, options and files.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(async (shell: Shell) => {
      const { describeProgram } = await import('./completion.js');
      const { completionScript } = await import('./completion-scripts.js');
      process.stdout.write(completionScript(shell, describeProgram(program)));
    });
  program
    .command('sandbox')
    .description('Run a local CAPI that enforces the documented rules, to rehearse against.')
    .option('--host <host>', 'address to listen on', parseHost, '127.0.0.1')
    .option('--port <n>', 'port to listen on; 0 for any free port', parseNatural, 7777)
    .option('--rate <n>', 'batches a second; 0 for no limit', parseNatural, 270)
    .option('--latency <ms>', 'wait before each answer', parseNatural, 0)
    .option('--out <file>', 'write each accepted batch as a line; default: standard output', parseOutput)
    .action(async (options: SandboxOptions) => {
      const { sandbox } = await import('./sandbox.js');
      await sandbox(options);
    });
  for (const command of program.commands) {
    const examples = EXAMPLES[command.name()];
    if (examples !== undefined) command.addHelpText('after', examples);
  }
  return program;
}

/** What is told of an option that there is none of: one that someone passes a secret with is told by its name alone. */
export function withoutValue(text: string): string {
  return text.replace(/^(error: unknown option '[^'=]*)=.*'/s, "$1'");
}
