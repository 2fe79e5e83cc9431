import type { Problem } from '../interfaces.js';
import type { UserAttribute } from './wire.js';

/** An e-mail address anywhere in a text, also as a URL has it; `logo@2x.png` is none. */
const ADDRESS = /[^\s@](?:@|%40)(?!\dx\.)[^\s@]+\.\p{L}{2}/iu;
/** `a@b.de`, in characters. */
const SHORTEST = 6;
/**
 * Warns of each field of one record by which an e-mail address is sent as it is: hashing is of the field for addresses
 * only, and many shops have them as customer ids, too.
 */
export class AddressWatch {
  readonly #addressesAreHashed: boolean;
  readonly #warnings: Problem[];

  /** @param addressesAreHashed else there is nothing to warn of. */
  constructor(addressesAreHashed: boolean, warnings: Problem[]) {
    this.#addressesAreHashed = addressesAreHashed;
    this.#warnings = warnings;
  }

  /** Looks at what is sent as it is. */
  see(value: UserAttribute | undefined, field: string): void {
    if (this.#addressesAreHashed && hasAddress(value)) this.#warnings.push(inClear(field));
  }
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
