import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { accountOf, readCredentials } from '../config/credentials.js';
import type { Reached } from '../delivery/reach.js';
import { EXIT, UserError } from '../errors.js';
import { printable } from '../printable.js';
import { readAudiences } from '../state/audiences.js';
import { unwritable } from '../state/errors.js';
import { lockHolder } from '../state/lock.js';
import { eachRun } from '../state/runs.js';
import { readState } from '../state/state-file.js';
import { readStore } from '../state/store.js';
import { compileConfigured, openConfig } from './configured.js';
import type { DoctorOptions } from './options.js';
import { print } from './print.js';
import { endpointOf } from './target.js';
import { userAgent } from './version.js';

/** A clock this far from the server's, in ms, gives events a wrong age and wrong ids a long life. */
const CLOCK_TOLERANCE_MS = 120_000;

/** What was looked at, and how it is. */
interface Finding {
  readonly name: 'config' | 'credentials' | 'state' | 'endpoint' | 'clock';
  readonly status: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

/**
 * `rokt-capi doctor`: checks everything that a run needs, one line each, and sends no data and no
 * credentials. Sets the exit code: 2 if something has to be fixed.
 */
export async function doctor(options: DoctorOptions): Promise<void> {
  const findings: Finding[] = [];
  const config = attempt(findings, 'config', () => checkConfig(options));
  attempt(findings, 'credentials', () => {
    readCredentials(process.env);
    return [accountOf(process.env), 'The API key and the secret are set.'];
  });
  if (config !== undefined) {
    findings.push(await checkState(resolve(options.state ?? config.stateDirectory)));
    findings.push(...(await checkEndpoint(config, options)));
  }
  print(options, findings, () =>
    findings
      .map(({ name, status, message }) => `${status.padEnd(7)}  ${name.padEnd(11)}  ${printable(message)}\n`)
      .join(''),
  );
  process.exitCode = findings.some(({ status }) => status === 'failed') ? EXIT.usage : EXIT.ok;
}

/** Adds a finding: what `check` says, or the error it throws. @returns what it found. */
function attempt<Found>(
  findings: Finding[],
  name: Finding['name'],
  check: () => readonly [found: Found, message: string],
): Found | undefined {
  try {
    const [found, message] = check();
    findings.push({ name, status: 'ok', message });
    return found;
  } catch (error) {
    findings.push(failure(name, error));
    return undefined;
  }
}

/** What a run would say, on one line. */
function failure(name: Finding['name'], error: unknown): Finding {
  if (!(error instanceof UserError)) throw error;
  return { name, status: 'failed', message: error.describe().replaceAll(/\s*\n\s*/g, ' ') };
}

function checkConfig(options: DoctorOptions): readonly [Config, string] {
  const config = openConfig(options.config);
  compileConfigured(config, config.mappings);
  const names = config.mappings.map(({ name }) => name).join(', ');
  const from = config.file === undefined ? 'There is no config file: the defaults apply.' : `${config.file}.`;
  return [config, `${from} Environment ${config.environment}, mappings ${names}.`];
}

/** The state directory, or where it would be made. */
async function checkState(directory: string): Promise<Finding> {
  let existing = directory;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    // Of a file this fails, whatever its rights.
    accessSync(`${existing}/.`, constants.W_OK | constants.X_OK);
  } catch (cause) {
    return failure('state', unwritable(existing, cause));
  }
  if (existing !== directory) {
    return { name: 'state', status: 'ok', message: `${directory} will be created.` };
  }
  try {
    readState(directory);
    const holder = await lockHolder(directory);
    if (holder !== undefined) {
      const message = `${directory} is in use by run ${holder.runId}, process ${holder.pid} on ${holder.host}.`;
      return { name: 'state', status: 'warning', message };
    }
    await checkFiles(directory);
    return { name: 'state', status: 'ok', message: `${directory} can be written to.` };
  } catch (error) {
    return failure('state', error);
  }
}

/** Reads every file of the state. @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`. */
async function checkFiles(directory: string): Promise<void> {
  const past = await readStore(directory, 0);
  past?.index.verify();
  past?.index.close();
  for (const _ of eachRun(directory));
  await readAudiences(directory);
}

async function checkEndpoint(config: Config, options: DoctorOptions): Promise<Finding[]> {
  const { reach } = await import('../delivery/reach.js');
  let endpoint: string;
  let reached: Reached;
  try {
    endpoint = endpointOf(config, options);
    reached = await reach({ endpoint, env: process.env, userAgent: userAgent() });
  } catch (error) {
    return [failure('endpoint', error)];
  }
  const through = reached.proxied ? ' through the proxy of HTTPS_PROXY' : '';
  if (reached.kind === 'unreached') {
    const message = `${endpoint} cannot be reached${through}: ${reached.reason}.`;
    return [{ name: 'endpoint', status: 'failed', message }];
  }
  const answers = `${endpoint} answers in ${Math.round(reached.roundTripMs)} ms${through}`;
  const doubt = doubtOf(reached.status);
  const finding: Finding =
    doubt === undefined
      ? { name: 'endpoint', status: 'ok', message: `${answers}.` }
      : { name: 'endpoint', status: 'warning', message: `${answers}, but ${doubt}` };
  return [finding, checkClock(reached)];
}

/** Why an answer may be none of the API, or of one that is down. */
function doubtOf(status: number): string | undefined {
  if (status >= 500) return `with ${status}: it or its network is out of order just now; runs try again.`;
  if (status < 300 || status >= 400) return undefined;
  return `with a redirect (${status}): check whether the network requires a login, and check the endpoint's address; it ends in /v2.`;
}

function checkClock({ clockAheadMs }: Reached & { readonly kind: 'reached' }): Finding {
  if (clockAheadMs === undefined) {
    return { name: 'clock', status: 'warning', message: 'The server sends no date to compare with.' };
  }
  const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
  const difference = `This clock is ${seconds} s ${clockAheadMs < 0 ? 'behind' : 'ahead of'} the server's`;
  if (Math.abs(clockAheadMs) <= CLOCK_TOLERANCE_MS) {
    return { name: 'clock', status: 'ok', message: `${difference}.` };
  }
  return { name: 'clock', status: 'failed', message: `${difference}; set it, or use NTP.` };
}
