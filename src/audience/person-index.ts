import { hexWord } from '../hex.js';
import { KINDS } from './person.js';

const SLOT_WORDS = 3;
/** Identifiers that a person has, about. */
const IDENTIFIERS = 2;
/** Some more room than is expected to be needed. */
const ROOM = 1.1;

/** Each kind as a bit: those of stronger kinds are lower. */
const KIND_BITS: ReadonlyMap<string, number> = new Map(KINDS.map((kind, index) => [kind, 1 << index]));

/**
 * Finds people by any of their identifiers: by customer id, else by e-mail address, else by device. Takes about 50
 * bytes a person, in typed arrays.
 */
export class PersonIndex {
  /** Two words of a hash, and the person's number plus one; 0 where the slot is empty. */
  #slots: Uint32Array;
  #used = 0;
  #kinds: Uint8Array;
  #size = 0;

  /** @param expected about how many people there will be. */
  constructor(expected: number) {
    this.#kinds = new Uint8Array(Math.ceil(expected * ROOM) + 1024);
    this.#slots = new Uint32Array((Math.ceil(expected * IDENTIFIERS * ROOM * 1.34) + 1024) * SLOT_WORDS);
  }

  /** How many people there are; they are numbered from 0. */
  get size(): number {
    return this.#size;
  }

  /** The number of the person who has these identifiers, or undefined. */
  find(identifiers: readonly string[]): number | undefined {
    const kinds = kindsOf(identifiers);
    for (const identifier of identifiers) {
      const [first, second] = wordsOf(identifier);
      const person = (this.#slots[this.#find(this.#slots, first, second) + 2] ?? 0) - 1;
      if (person < 0) continue;
      // Two records that both have a stronger one, and not the same, are two people.
      const stronger = kindOf(identifier) - 1;
      if ((kinds & (this.#kinds[person] ?? 0) & stronger) === 0) return person;
    }
    return undefined;
  }

  /** Adds a person, who gets the next number. */
  add(identifiers: readonly string[]): number {
    const person = this.#size;
    this.#size += 1;
    if (person === this.#kinds.length) {
      const grown = new Uint8Array(Math.ceil(person * 1.5));
      grown.set(this.#kinds);
      this.#kinds = grown;
    }
    this.extend(person, identifiers);
    return person;
  }

  /** Lets a person be found by more identifiers. One that another person has stays that one's. */
  extend(person: number, identifiers: readonly string[]): void {
    this.#kinds[person] = (this.#kinds[person] ?? 0) | kindsOf(identifiers);
    for (const identifier of identifiers) {
      const [first, second] = wordsOf(identifier);
      const at = this.#find(this.#slots, first, second);
      if ((this.#slots[at + 2] ?? 0) !== 0) continue;
      this.#slots[at] = first;
      this.#slots[at + 1] = second;
      this.#slots[at + 2] = person + 1;
      this.#used += 1;
      if (this.#used * SLOT_WORDS * 4 > this.#slots.length * 3) this.#grow();
    }
  }

  #find(slots: Uint32Array, first: number, second: number): number {
    const count = slots.length / SLOT_WORDS;
    let slot = first % count;
    for (;;) {
      const at = slot * SLOT_WORDS;
      if (slots[at + 2] === 0 || (slots[at] === first && slots[at + 1] === second)) return at;
      slot = (slot + 1) % count;
    }
  }

  #grow(): void {
    const old = this.#slots;
    const grown = new Uint32Array(Math.ceil((old.length / SLOT_WORDS) * 1.5) * SLOT_WORDS);
    for (let at = 0; at < old.length; at += SLOT_WORDS) {
      if (old[at + 2] === 0) continue;
      grown.set(old.subarray(at, at + SLOT_WORDS), this.#find(grown, old[at] ?? 0, old[at + 1] ?? 0));
    }
    this.#slots = grown;
  }
}

/** The kind is part of what was hashed, so that the hash alone tells. */
function wordsOf(identifier: string): readonly [number, number] {
  return [hexWord(identifier, 2), hexWord(identifier, 10)];
}

function kindsOf(identifiers: readonly string[]): number {
  return identifiers.reduce((bits, identifier) => bits | kindOf(identifier), 0);
}

function kindOf(identifier: string): number {
  return KIND_BITS.get(identifier.charAt(0)) ?? 0;
}
