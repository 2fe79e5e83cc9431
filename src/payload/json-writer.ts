import { ByteWriter, plainCodes } from '../byte-writer.js';

/** Enough for most batches, and little enough that Node takes it from memory that it has set aside. */
const FIRST_BYTES = 2048;
const QUOTE = 0x22;
/** What JSON writes as it is. */
const PLAIN = plainCodes('"\\');

/** Writes JSON. */
export class JsonWriter extends ByteWriter {
  constructor(bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES)) {
    super(bytes);
  }

  /** Writes a text as `JSON.stringify` does. */
  text(text: string): void {
    const start = this.end;
    this.byte(QUOTE);
    if (this.plain(text, PLAIN)) {
      this.byte(QUOTE);
      return;
    }
    this.end = start;
    this.utf8(JSON.stringify(text));
  }

  /** What it has written. */
  override toString(): string {
    return this.bytes.toString('utf8', 0, this.end);
  }
}
