import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { LinesAt } from './lines-at.js';
import { temporaryPath, temporaryUnwritable } from './temporary-file.js';

const BUFFER_BYTES = 1 << 16;
const NEWLINE = 0x0a;

/**
 * Lines of text in a file without a name, which is gone when the process is, whatever ends it. Takes no memory but a
 * buffer. Adding lines and reading them throws UserError `TEMPORARY_UNWRITABLE`.
 */
export class Spool {
  readonly #descriptor: number;
  readonly #directory: string | undefined;
  readonly #linesAt: LinesAt;
  #buffered = '';
  #written = 0;

  /**
   * Mode 0600.
   *
   * @param directory default: the system's own for such files.
   * @throws UserError `TEMPORARY_UNWRITABLE`.
   */
  constructor(directory?: string) {
    this.#directory = directory;
    const path = temporaryPath(directory);
    try {
      this.#descriptor = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
    } catch (cause) {
      throw temporaryUnwritable(cause, 'written', directory);
    }
    this.#linesAt = new LinesAt(this.#descriptor);
  }

  /** Adds a line. @param line without its line end, and with none in it. */
  add(line: string): void {
    this.#buffered += `${line}\n`;
    if (this.#buffered.length >= BUFFER_BYTES) this.#flush();
  }

  /** All lines, in order; may be asked for again. */
  *lines(): Generator<string> {
    this.#flush();
    const chunk = Buffer.alloc(BUFFER_BYTES);
    /** What was read of a line that goes on: put together once, for a line may be as long as a record. */
    const held: Buffer[] = [];
    for (let at = 0; at < this.#written; ) {
      const read = this.#orUnreadable(() => readSync(this.#descriptor, chunk, 0, chunk.length, at));
      at += read;
      const bytes = chunk.subarray(0, read);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        if (held.length === 0) yield bytes.toString('utf8', start, end);
        else yield Buffer.concat([...held.splice(0), bytes.subarray(start, end)]).toString('utf8');
        start = end + 1;
      }
      if (start < read) held.push(Buffer.from(bytes.subarray(start)));
    }
  }

  /** The line of {@link lines} that begins at `start`: the bytes of those before it, and of their line ends. */
  at(start: number): string {
    this.#flush();
    const line = this.#orUnreadable(() => this.#linesAt.at(start));
    if (line === undefined) throw new Error('No line begins there.');
    return line;
  }

  /** Closes the file: what was in it is gone. */
  close(): void {
    closeSync(this.#descriptor);
  }

  #orUnreadable<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw temporaryUnwritable(cause, 'read', this.#directory);
    }
  }

  #flush(): void {
    if (this.#buffered === '') return;
    const bytes = Buffer.from(this.#buffered);
    this.#buffered = '';
    try {
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.#descriptor, bytes, at, bytes.length - at, this.#written + at);
      }
    } catch (cause) {
      throw temporaryUnwritable(cause, 'written', this.#directory);
    }
    this.#written += bytes.length;
  }
}
