import type { Problem } from '../interfaces.js';
import type { UserAttribute } from './wire.js';

/**
 * An e-mail address anywhere in a text, also as a URL has it; `logo@2x.png` is none. A domain has 253 characters at most:
 * without a bound, each %40 of a long text has the rest of it searched.
 */
const ADDRESS = /[^\s@](?:@|%40)(?!\dx\.)[^\s@]{1,253}\.\p{L}{2}/iu;
/** `a@b.de`, in characters. */
const SHORTEST = 6;

/** What the JSON of a batch has besides: fixed names, ids, hashes, numbers, the name of an audience. */
const FRAME_BYTES = 8_000;
/** What JSON has around an attribute's value: its name, which has a limit (see `limits.ts`). */
const AROUND_BYTES = 1_600;
/** The most bytes of JSON that a UTF-16 code unit takes: `\u0000`. */
const UNIT_BYTES = 6;
/** A number in a list, and what is around an entry, as so many units. */
const ENTRY_UNITS = 5;

/**
 * What is sent of one record as it is, as it comes up: each of its values is looked at once, since to go through a whole
 * batch for it takes longer. Warns of e-mail addresses in it: hashing is of the field for addresses only, and many shops
 * have them as customer ids, too.
 */
export class PlainValues {
  readonly #addressesAreHashed: boolean;
  readonly #warnings: Problem[];
  #units = 0;
  #values = 0;

  /** @param addressesAreHashed else there is nothing to warn of. */
  constructor(addressesAreHashed: boolean, warnings: Problem[]) {
    this.#addressesAreHashed = addressesAreHashed;
    this.#warnings = warnings;
  }

  /** Counts a value, and warns of an address in it. */
  see(value: UserAttribute | undefined, field: string): void {
    this.count(value);
    if (this.#addressesAreHashed && hasAddress(value)) this.#warnings.push(inClear(field));
  }

  /** Counts a value. */
  count(value: UserAttribute | undefined): void {
    if (value === undefined) return;
    this.#values += 1;
    if (typeof value === 'string') this.#units += value.length;
    else if (typeof value === 'object') this.#units += unitsOf(value);
  }

  /** So many bytes the JSON of a batch with these values has at most; far more, mostly. */
  get mostBytes(): number {
    return FRAME_BYTES + this.#values * AROUND_BYTES + this.#units * UNIT_BYTES;
  }
}

function unitsOf(list: Extract<UserAttribute, object>): number {
  let units = 0;
  for (const entry of list) units += ENTRY_UNITS + (typeof entry === 'string' ? entry.length : 0);
  return units;
}

function hasAddress(value: UserAttribute | undefined): boolean {
  if (typeof value === 'object') return value.some(hasAddress);
  if (typeof value !== 'string' || value.length < SHORTEST) return false;
  // Hardly a text has one of these.
  return (value.includes('@') || value.includes('%40')) && ADDRESS.test(value);
}

function inClear(field: string): Problem {
  return {
    code: 'EMAIL_IN_CLEAR',
    message:
      'The value has an e-mail address in it, which is sent as it is, though addresses are hashed; map something else to the field, or nothing.',
    field,
  };
}
