import type { OutgoingBatch } from '../delivery/batching.js';
import type { SettledRecord } from '../delivery/run-record.js';
import { LineWatch } from '../input/line-watch.js';
import type { OpenedInput } from '../input/open.js';
import { originsOf } from '../input/origins.js';
import { toRejectedSource } from '../input/rejects.js';
import { wholeEvent } from '../input/whole-event.js';
import type { InputOptions, JsonValue } from '../interfaces.js';
import { traceMapping } from '../mapping/trace.js';
import type { PreviewReport } from '../report/preview.js';
import type { WorkSpec } from './slice-work.js';

/**
 * Watches a dry run for what becomes of the record on one line (`--show`). Nothing is read beyond the slice with that
 * line, and so what it says is what a run does up to there; unless earlier runs left something in doubt, which may go only
 * together with what comes later.
 */
export class Preview {
  readonly #watch: LineWatch;
  #settled: SettledRecord | undefined;
  #batches: PreviewReport['batches'][number][] = [];

  /** @param line 1-based; any line of the record. */
  constructor(line: number) {
    this.#watch = new LineWatch(line);
  }

  /** The input, ending with the slice that has the line. @param inDoubt whether earlier runs left something in doubt. */
  watch(input: OpenedInput, inDoubt: () => boolean): OpenedInput {
    return this.#watch.watch(input, inDoubt);
  }

  /** Takes the batches that would be sent. */
  take(batches: readonly OutgoingBatch[]): void {
    for (const batch of batches) {
      const records = batch.units.map(({ slice, record }) => slice.recordAt(record));
      if (!records.some((record) => this.#watch.isFound(record))) continue;
      const body: JsonValue = JSON.parse(Buffer.from(batch.body).toString('utf8'));
      this.#batches.push({ path: batch.route, lines: [...new Set(records.map(({ line }) => line))], body });
    }
  }

  /** Takes every record that is settled. */
  settle(settled: SettledRecord): void {
    // Of two that are the same in every way, the one that the other was a duplicate of is settled last.
    if (this.#watch.isFound(settled.record)) this.#settled = settled;
  }

  /**
   * What became of it.
   *
   * @throws UserError `LINE_WITHOUT_RECORD`.
   */
  report(file: string, mappings: WorkSpec['mappings'], options: InputOptions): PreviewReport {
    const { content, source, line } = this.#watch.found(file);
    const settled = this.#settled;
    if (settled === undefined) throw new Error('the record was read, and not settled');
    const origins = originsOf(source, options);
    const event = content.kind === 'event' ? wholeEvent(content.event) : undefined;
    const traces = event === undefined ? [] : mappings.map((mapping) => traceMapping(mapping, event));
    return {
      file,
      line,
      record: toRejectedSource(source).record ?? null,
      ...(event === undefined ? {} : { event }),
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
