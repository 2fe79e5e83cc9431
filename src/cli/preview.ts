import type { OutgoingBatch } from '../delivery/batching.js';
import type { RunUnit, SettledRecord } from '../delivery/unit.js';
import { UserError } from '../errors.js';
import { countByte } from '../input/cut.js';
import type { OpenedInput } from '../input/open.js';
import { originsOf } from '../input/origins.js';
import { toRejectedSource } from '../input/rejects.js';
import type { InputOptions, InputRecord, JsonValue, Slice } from '../interfaces.js';
import { traceMapping } from '../mapping/trace.js';
import type { PreviewReport } from '../report/preview.js';
import type { WorkSpec } from './slice-work.js';

/**
 * Watches a dry run for what becomes of the record on one line (`--show`). Nothing is read beyond the slice with that
 * line, and so what it tells is what a run does up to there.
 */
export class Preview {
  readonly #line: number;
  #record: InputRecord | undefined;
  #settled: SettledRecord | undefined;
  #batches: PreviewReport['batches'][number][] = [];

  /** @param line 1-based; any line of the record. */
  constructor(line: number) {
    this.#line = line;
  }

  /** The input, ending with the slice that has the line. */
  watch(input: OpenedInput): OpenedInput {
    return { ...input, slices: this.#slices(input) };
  }

  async *#slices(input: OpenedInput): AsyncGenerator<Slice> {
    const newline = (input.head.table?.dialect.newline ?? '\n').charCodeAt(0);
    for await (const slice of input.slices) {
      const { bytes, line } = slice;
      const last = line + countByte(bytes, newline) - (bytes.at(-1) === newline ? 1 : 0);
      const found = last >= this.#line;
      if (found) this.#record = this.#recordIn(input.read(slice));
      yield slice;
      if (found) return;
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

  /** To be told of batches that would be sent. */
  take(batches: readonly OutgoingBatch<RunUnit>[]): void {
    const line = this.#record?.line;
    for (const batch of batches) {
      const lines = batch.units.map(({ entry }) => entry.record.line);
      if (line === undefined || !lines.includes(line)) continue;
      const body: JsonValue = JSON.parse(Buffer.from(batch.body).toString('utf8'));
      this.#batches.push({ path: batch.route, lines: [...new Set(lines)], body });
    }
  }

  /** To be told of every record that is settled. */
  settle(settled: SettledRecord): void {
    if (settled.record.line === this.#record?.line) this.#settled = settled;
  }

  /**
   * What became of it.
   *
   * @throws UserError `LINE_WITHOUT_RECORD`.
   */
  report(file: string, mappings: WorkSpec['mappings'], options: InputOptions): PreviewReport {
    const record = this.#record;
    const settled = this.#settled;
    if (record === undefined || settled === undefined) {
      throw new UserError('LINE_WITHOUT_RECORD', 'There is no record on this line.', {
        hint: 'Give --show a line of the file with a record on it; the header of a CSV is line 1.',
        place: { file, line: this.#line },
      });
    }
    const { content, source, line } = record;
    const origins = originsOf(source, options);
    const traces =
      content.kind === 'event' ? mappings.map((mapping) => traceMapping(mapping, content.event)) : [];
    return {
      file,
      line,
      record: toRejectedSource(source).record ?? null,
      ...(content.kind === 'event' ? { event: content.event } : {}),
      mappings: traces.map((trace) => ({
        ...trace,
        fields: trace.fields.map((field) => ({
          ...field,
          read: field.read.map((place) => {
            const column = origins.get(place);
            return column === undefined ? { place } : { place, column };
          }),
        })),
      })),
      state: settled.state,
      ...(settled.problem === undefined ? {} : { problem: settled.problem }),
      warnings: settled.record.warnings,
      batches: this.#batches,
    };
  }
}
