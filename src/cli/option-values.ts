import { InvalidArgumentError } from 'commander';
import { MAX_BATCHES_PER_SECOND, MAX_CONCURRENCY } from '../config/delivery-limits.js';
import { mayBeDays, parseDuration } from '../config/duration.js';
import type { AllowedRejects } from '../delivery/reject-limit.js';
import { didYouMean } from '../nearest.js';
import { REQUIRED_SHARES, type Requirement } from '../report/gates.js';

/** Makes what reads an option that may be given several times, or with several values, each of which `parse` reads. */
export function listOf(
  parse: (text: string) => string,
): (text: string, before?: readonly string[]) => readonly string[] {
  return (text, before = []) => [...before, parse(text)];
}

/** Reads a duration (`90s`, `30m`, `2h`, or bare seconds), as ms. @throws InvalidArgumentError of commander, as all of these do. */
export function parseTime(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError('Give seconds above 0, or a number with a unit: 90s, 30m, 2h.');
  return ms;
}

/** Reads how long to wait: as {@link parseTime}, or 0. */
export function parseWait(text: string): number {
  return text.trim() === '0' ? 0 : parseTime(text);
}

/** Reads a duration that is in days as a rule, as ms: 30 alone would be as many seconds, which nobody means. */
export function parseLongDuration(text: string): number {
  const ms = mayBeDays(text) ? undefined : parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Give a number above 0 with a unit: 30d, 12h.');
  return ms;
}

/** Reads the name of a file to write: `-` is what standard output is called elsewhere, and would be a file. */
export function parseOutput(text: string): string {
  if (text === '-') throw new InvalidArgumentError('Name a file; for standard output, write /dev/stdout.');
  return parsePath(text);
}

/** Reads the name of a config to write, which is YAML: its comments would make a JSON file one that no editor takes. */
export function parseConfigOutput(text: string): string {
  if (/\.json$/i.test(text))
    throw new InvalidArgumentError('Name it .yaml: it has comments, which JSON cannot have.');
  return parseOutput(text);
}

/** Reads `10` or `0.5%`. */
export function parseAllowedRejects(text: string): AllowedRejects {
  const percent = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1];
  if (percent !== undefined && Number(percent) <= 100) return { share: Number(percent) / 100 };
  if (!/^\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError('Give a whole number, 0 or more, or a share such as 0.5%.');
  }
  return { count: Number(text) };
}

/** Reads a name: an empty one, as of a variable that is not set, would stand for something that nobody meant. */
export function parseName(text: string): string {
  if (text.trim() === '')
    throw new InvalidArgumentError('The value is empty: give a name, or leave the option out.');
  return text;
}

/** Reads a path that is made where it is not there: with a `~` that the shell has left, that would be a directory `~` here. */
export function parsePath(text: string): string {
  if (/^~(?:\/|$)/.test(text))
    throw new InvalidArgumentError(
      'Write the path itself, or leave out the = before ~, so that the shell replaces it.',
    );
  return parseName(text);
}

/** Reads an address to listen on: an empty one, as of a variable that is not set, would be every address. */
export function parseHost(text: string): string {
  if (text.trim() === '')
    throw new InvalidArgumentError('Give an address of this machine; 0.0.0.0 for all of them.');
  return text;
}

/** Reads the name of a query parameter: a list in one word, or more than the name, would be found in no address. */
export function parseQueryParam(text: string): string {
  if (/[\s,?&=#]/.test(text) || text === '')
    throw new InvalidArgumentError('Give the name alone, and several names as several words: rtid rclid.');
  return text;
}

/** Reads a key for the browser's storage, which is the name of a cookie as well. */
export function parseStorageKey(text: string): string {
  if (!/^[\w.-]{1,64}$/.test(text))
    throw new InvalidArgumentError('Give letters, digits, "_", "-" and "." only.');
  return text;
}

/** Reads `rtid>=20%,email>=80%`. */
export function parseRequirements(text: string): Requirement[] {
  return text.split(',').map((part) => {
    const [, name = '', share = ''] = /^\s*([A-Za-z]+)\s*>=\s*(\S+)\s*$/.exec(part) ?? [];
    const identifier = REQUIRED_SHARES.find((known) => known.toLowerCase() === name.toLowerCase());
    if (identifier !== undefined) return { identifier, atLeast: parseShare(share) };
    const form = `Write it as rtid>=20%,email>=80%; known: ${REQUIRED_SHARES.join(', ')}.`;
    const meant = name === '' ? '' : didYouMean(name, REQUIRED_SHARES, '');
    throw new InvalidArgumentError(`${form} ${meant}`.trimEnd());
  });
}

/** Reads a rate in batches a second, as the config takes it. */
export function parseRate(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= MAX_BATCHES_PER_SECOND))
    throw new InvalidArgumentError(`Give a number above 0, and at most ${MAX_BATCHES_PER_SECOND}.`);
  return value;
}

/** Reads a whole number, 0 or more. */
export function parseNatural(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number, 0 or more.');
  return Number(text);
}

/** Reads a number of requests in flight, as the config takes it. */
export function parseConcurrency(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > MAX_CONCURRENCY)
    throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_CONCURRENCY}.`);
  return value;
}

/** Reads `20%` or `0.2`, as a number from 0 to 1. */
export function parseShare(text: string): number {
  const match = /^(\d{1,3}(?:\.\d+)?)\s*(%?)$/.exec(text.trim());
  const share = Number(match?.[1]) / (match?.[2] === '%' ? 100 : 1);
  if (match === null || share > 1) throw new InvalidArgumentError('Give a share such as 20% or 0.2.');
  return share;
}
