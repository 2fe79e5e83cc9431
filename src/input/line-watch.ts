import { UserError } from '../errors.js';
import type { RecordSource, Slice } from '../interfaces.js';
import { countByte } from './cut.js';
import type { InputRecord } from './input-record.js';
import type { OpenedInput } from './open.js';
import { toRejectedSource } from './rejects.js';

/** Looks out for the record on one line of an input (`--show`). */
export class LineWatch {
  readonly #line: number;
  /** The record, once the slice that it is in was read. */
  #record: InputRecord | undefined;
  #content: string | undefined;

  /** @param line 1-based; any line of the record. */
  constructor(line: number) {
    this.#line = line;
  }

  /**
   * The input, ending with the slice that has the line.
   *
   * @param readsOn asked then: whether it is to end only where the input does.
   */
  watch(input: OpenedInput, readsOn: () => boolean = () => false): OpenedInput {
    return { ...input, slices: this.#slices(input, readsOn) };
  }

  async *#slices(input: OpenedInput, readsOn: () => boolean): AsyncGenerator<Slice> {
    const newline = (input.head.table?.dialect.newline ?? '\n').charCodeAt(0);
    let found = false;
    for await (const slice of input.slices) {
      const { bytes, line } = slice;
      const last = line + countByte(bytes, newline) - (bytes.at(-1) === newline ? 1 : 0);
      if (!found && last >= this.#line) {
        found = true;
        this.#record = this.#recordIn(input.read(slice));
        this.#content = this.#record && contentOf(this.#record.source);
      }
      yield slice;
      if (found && !readsOn()) return;
    }
  }

  /** The first record that begins on the line, or else the last one before it: its own lines go on to there. */
  #recordIn(records: Iterable<InputRecord>): InputRecord | undefined {
    let latest: InputRecord | undefined;
    for (const record of records) {
      if (record.line > this.#line) break;
      latest = record;
      if (record.line === this.#line) break;
    }
    return latest;
  }

  /**
   * Whether a record is the one that was found. Others may begin on the same line, as all of a JSON list may, so what
   * they are is compared too.
   */
  isFound({ line, source }: Pick<InputRecord, 'line' | 'source'>): boolean {
    return line === this.#record?.line && contentOf(source) === this.#content;
  }

  /**
   * The record that was found.
   *
   * @throws UserError `LINE_WITHOUT_RECORD`.
   */
  found(file: string): InputRecord {
    if (this.#record !== undefined) return this.#record;
    throw new UserError('LINE_WITHOUT_RECORD', 'There is no record on this line.', {
      hint: 'Give --show a line of the file with a record on it; the header of a CSV is line 1.',
      place: { file, line: this.#line },
    });
  }
}

function contentOf(source: RecordSource): string {
  return JSON.stringify(toRejectedSource(source));
}
