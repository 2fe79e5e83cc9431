import { hexWord } from '../hex.js';
import { KINDS } from './person.js';

const SLOT_WORDS = 3;
/** Identifiers that a person has, about. */
const IDENTIFIERS = 2;
/** In the last word of a slot, beside the person's number: in which records of the input the identifier is. */
const [NAMED, NAMED_WITH_STRONGER] = [0x80_00_00_00, 0x40_00_00_00];
const NUMBER = 0x3f_ff_ff_ff;
/** Some more room than is expected to be needed. */
const ROOM = 1.1;

/** Each kind as a bit: those of stronger kinds are lower. */
const KIND_BITS: ReadonlyMap<string, number> = new Map(KINDS.map((kind, index) => [kind, 1 << index]));

/**
 * Finds people by any of their identifiers: by customer id, else by e-mail address, else by device. Takes about 50
 * bytes a person, in typed arrays.
 */
export class PersonIndex {
  /** Two words of a hash, and the person's number plus one with what the input says; 0 where the slot is empty. */
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
      const person = this.#ownerOf(identifier, kinds);
      if (person !== undefined) return person;
    }
    return undefined;
  }

  /**
   * Notes that the input has these identifiers, by which somebody is found already.
   *
   * @returns whether one of them finds somebody else than `person`.
   */
  note(person: number, identifiers: readonly string[]): boolean {
    const kinds = kindsOf(identifiers);
    let isShared = false;
    for (const identifier of identifiers) {
      const at = this.#slotOf(identifier) + 2;
      this.#slots[at] =
        (this.#slots[at] ?? 0) | (hasStronger(kinds, identifier) ? NAMED_WITH_STRONGER : NAMED);
      isShared ||= (this.#ownerOf(identifier, kinds) ?? person) !== person;
    }
    return isShared;
  }

  /**
   * Whether a record that {@link note} was told of has one of these identifiers, and none of a stronger kind that may
   * differ.
   */
  isNoted(identifiers: readonly string[]): boolean {
    const kinds = kindsOf(identifiers);
    return identifiers.some((identifier) => {
      const word = this.#slots[this.#slotOf(identifier) + 2] ?? 0;
      return (word & (hasStronger(kinds, identifier) ? NAMED : NAMED | NAMED_WITH_STRONGER)) !== 0;
    });
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

  /**
   * Lets a person be found by more identifiers. One that another person has stays theirs, unless it is the strongest that
   * this person has, and not the strongest of the other.
   */
  extend(person: number, identifiers: readonly string[]): void {
    const kinds = (this.#kinds[person] ?? 0) | kindsOf(identifiers);
    this.#kinds[person] = kinds;
    for (const identifier of identifiers) {
      const [first, second] = wordsOf(identifier);
      const at = this.#find(this.#slots, first, second);
      const word = this.#slots[at + 2] ?? 0;
      if (word !== 0) {
        const others = this.#kinds[(word & NUMBER) - 1] ?? 0;
        if (!hasStronger(kinds, identifier) && hasStronger(others, identifier)) this.#give(at, person);
        continue;
      }
      this.#slots[at] = first;
      this.#slots[at + 1] = second;
      this.#slots[at + 2] = person + 1;
      this.#used += 1;
      if (this.#used * SLOT_WORDS * 4 > this.#slots.length * 3) this.#grow();
    }
  }

  /** Gives a person identifiers of another one, but for those that {@link note} was told of. */
  takeOver(person: number, identifiers: readonly string[]): void {
    for (const identifier of identifiers) {
      const at = this.#slotOf(identifier);
      if (((this.#slots[at + 2] ?? 0) & (NAMED | NAMED_WITH_STRONGER)) === 0) this.#give(at, person);
    }
  }

  #give(at: number, person: number): void {
    const word = this.#slots[at + 2] ?? 0;
    this.#slots[at + 2] = (word & ~NUMBER) | (person + 1);
  }

  #slotOf(identifier: string): number {
    const [first, second] = wordsOf(identifier);
    return this.#find(this.#slots, first, second);
  }

  /** Who has an identifier, unless something stronger distinguishes them from a record with these kinds. */
  #ownerOf(identifier: string, kinds: number): number | undefined {
    const person = ((this.#slots[this.#slotOf(identifier) + 2] ?? 0) & NUMBER) - 1;
    return person < 0 || hasStronger(kinds & (this.#kinds[person] ?? 0), identifier) ? undefined : person;
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

/** The kind is part of what was hashed, so that the hash alone says it. */
function wordsOf(identifier: string): readonly [number, number] {
  return [hexWord(identifier, 2), hexWord(identifier, 10)];
}

/**
 * Whether one of the kinds is stronger than that of an identifier: two records that have different identifiers of a
 * stronger kind are two people.
 */
function hasStronger(kinds: number, identifier: string): boolean {
  return (kinds & (kindOf(identifier) - 1)) !== 0;
}

function kindsOf(identifiers: readonly string[]): number {
  return identifiers.reduce((bits, identifier) => bits | kindOf(identifier), 0);
}

function kindOf(identifier: string): number {
  return KIND_BITS.get(identifier.charAt(0)) ?? 0;
}
