import { hash } from 'node:crypto';
import type { DeliveredLog, DeliveryKey } from '../interfaces.js';

const WORDS = 4;

/**
 * Remembers deliveries for as long as the process lives, in 16 bytes each: the first 128 bits of a SHA-256 of the key,
 * in an open-addressed table. A million take 32 MB at the most.
 */
export class MemoryLog implements DeliveredLog {
  #slots = new Uint32Array(1024 * WORDS);
  #size = 0;

  has(key: DeliveryKey): boolean {
    return this.#find(digest(key)).found;
  }

  add(key: DeliveryKey): void {
    const words = digest(key);
    const { found, at } = this.#find(words);
    if (found) return;
    this.#slots.set(words, at);
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length / WORDS) this.#grow();
  }

  #find(words: Uint32Array): { readonly found: boolean; readonly at: number } {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = ((words[0] ?? 0) * WORDS) & mask;
    for (;;) {
      // An empty slot is four zero words, which a digest never is: see `digest`.
      if (slots[at] === 0 && slots[at + 1] === 0 && slots[at + 2] === 0 && slots[at + 3] === 0) {
        return { found: false, at };
      }
      if (
        slots[at] === words[0] &&
        slots[at + 1] === words[1] &&
        slots[at + 2] === words[2] &&
        slots[at + 3] === words[3]
      ) {
        return { found: true, at };
      }
      at = (at + WORDS) & mask;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += WORDS) {
      const words = old.subarray(at, at + WORDS);
      if (words.some((word) => word !== 0)) this.#slots.set(words, this.#find(words).at);
    }
  }
}

function digest({ messageId, mapping }: DeliveryKey): Uint32Array {
  const bytes = Buffer.from(hash('sha256', `${mapping}\0${messageId}`, 'hex'), 'hex');
  const words = new Uint32Array(WORDS);
  for (let index = 0; index < WORDS; index += 1) words[index] = bytes.readUInt32LE(index * 4);
  words[3] = (words[3] ?? 0) | 1;
  return words;
}
