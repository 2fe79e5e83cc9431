/** Enough for most batches, and little enough that Node takes it from memory that it has set aside. */
const FIRST_BYTES = 2048;
/** The most bytes that a number takes. */
const NUMBER_BYTES = 32;
/** The most bytes of UTF-8 that a UTF-16 code unit takes. */
const UNIT_BYTES = 3;
/** More bytes than these are sooner copied as one piece than one by one. */
const MOST_SINGLY = 10;
/** Numbers are written in parts of so many digits, which V8 calculates with as 32 bits. */
const PART_DIGITS = 9;
const PART = 10 ** PART_DIGITS;
/** Up to here, hundredths are calculated with as 32 bits. */
const MOST_CENTS = 2 ** 31;
const [ZERO, POINT, QUOTE] = [0x30, 0x2e, 0x22];
/** 1 at the codes of what JSON has in a text as it is: printable ASCII, but for two. */
const PLAIN = Uint8Array.from({ length: 0x7f }, (_, code) =>
  code < 0x20 || '"\\'.includes(String.fromCharCode(code)) ? 0 : 1,
);

/**
 * Writes JSON as UTF-8, byte by byte, into memory that it makes larger as needed. What is put together as one text first
 * takes twice as long: its parts have to be joined, copied into one piece, and encoded.
 */
export class JsonWriter {
  /** Where the next byte goes. */
  end = 0;
  #bytes: Buffer;

  /** @param bytes to write into, until something larger is needed. */
  constructor(bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES)) {
    this.#bytes = bytes;
  }

  /** What it writes into: valid until the next call. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Leaves bytes out, to be written later. */
  skip(count: number): void {
    this.#makeRoom(count);
    this.end += count;
  }

  /** Writes what is UTF-8 already. */
  piece(piece: Uint8Array): void {
    this.#makeRoom(piece.length);
    const bytes = this.#bytes;
    let { end } = this;
    if (piece.length > MOST_SINGLY) {
      bytes.set(piece, end);
      this.end = end + piece.length;
      return;
    }
    for (let at = 0; at < piece.length; at += 1, end += 1) bytes[end] = piece[at] ?? 0;
    this.end = end;
  }

  /** Writes one byte. */
  byte(byte: number): void {
    this.#makeRoom(1);
    this.#bytes[this.end] = byte;
    this.end += 1;
  }

  /** Writes a text as `JSON.stringify` does. */
  text(text: string): void {
    const start = this.end;
    this.byte(QUOTE);
    if (this.#plain(text)) {
      this.byte(QUOTE);
      return;
    }
    this.end = start;
    this.#utf8(JSON.stringify(text));
  }

  /** Writes a number as `String` does. */
  number(number: number): void {
    this.#makeRoom(NUMBER_BYTES);
    const cents = number >= 0 && number < MOST_CENTS / 100 ? Math.round(number * 100) : Number.NaN;
    // Of so few digits, no other number is as short and as near.
    if (cents / 100 === number) this.#cents(cents);
    else if (number >= PART && Number.isSafeInteger(number)) {
      const high = Math.floor(number / PART);
      this.#digits(high, 1);
      this.#digits(number - high * PART, PART_DIGITS);
    } else this.#utf8(`${number}`);
  }

  /** What it has written. */
  toString(): string {
    return this.#bytes.toString('utf8', 0, this.end);
  }

  #utf8(text: string): void {
    this.#makeRoom(text.length * UNIT_BYTES);
    this.end += this.#bytes.write(text, this.end, 'utf8');
  }

  /** Writes a text if JSON has all of it as it is. @returns whether it did. */
  #plain(text: string): boolean {
    this.#makeRoom(text.length);
    const bytes = this.#bytes;
    let { end } = this;
    for (let at = 0; at < text.length; at += 1, end += 1) {
      const code = text.charCodeAt(at);
      if (PLAIN[code] !== 1) return false;
      bytes[end] = code;
    }
    this.end = end;
    return true;
  }

  /** Sets aside so many bytes from `end` on. */
  #makeRoom(count: number): void {
    if (this.end + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow((this.end + count) * 2);
    this.#bytes.copy(larger, 0, 0, this.end);
    this.#bytes = larger;
  }

  /** Writes a hundredth of a number: `12.5` of 1250. */
  #cents(cents: number): void {
    const whole = (cents / 100) | 0;
    const rest = (cents | 0) - whole * 100;
    this.#digits(whole, 1);
    if (rest === 0) return;
    this.#bytes[this.end] = POINT;
    this.end += 1;
    if (rest % 10 === 0) this.#digits(rest / 10, 1);
    else this.#digits(rest, 2);
  }

  /** Writes a whole number below {@link PART}, with at least so many digits. */
  #digits(number: number, least: number): void {
    let count = 1;
    for (let rest = number | 0; rest >= 10; rest = (rest / 10) | 0) count += 1;
    const from = this.end;
    this.end += Math.max(count, least);
    let rest = number | 0;
    for (let at = this.end - 1; at >= from; at -= 1) {
      const next = (rest / 10) | 0;
      this.#bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
  }
}

/** What is written again and again, as {@link JsonWriter.piece} takes it. */
export function utf8Piece(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}
