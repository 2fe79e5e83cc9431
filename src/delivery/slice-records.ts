import type { InputRecord } from '../input/input-record.js';
import type { Problem, RecordSource } from '../interfaces.js';
import { OUTCOME, type PackedSlice } from './packed-slice.js';
import type { RunRecord } from './run-record.js';

const NONE: readonly Problem[] = [];

/**
 * The records of a packed slice. Of most only the line is ever asked; for what else they were, the slice is read once
 * more.
 *
 * @param read gives the records of the slice, always the same ones.
 */
export function recordsOf(
  packed: PackedSlice,
  read: () => readonly InputRecord[],
): (index: number) => RunRecord {
  let records: readonly InputRecord[] | undefined;
  const again = (index: number): InputRecord | undefined => {
    records ??= read();
    return records[index];
  };
  let warnings: Map<number, Problem[]> | undefined;
  return (index) => {
    warnings ??= warningsOf(packed);
    return new SliceRecord(packed.lines[index] ?? 0, warnings.get(index) ?? NONE, index, again);
  };
}

class SliceRecord implements RunRecord {
  readonly line: number;
  readonly warnings: readonly Problem[];
  readonly #index: number;
  readonly #again: (index: number) => InputRecord | undefined;

  constructor(
    line: number,
    warnings: readonly Problem[],
    index: number,
    again: (index: number) => InputRecord | undefined,
  ) {
    this.line = line;
    this.warnings = warnings;
    this.#index = index;
    this.#again = again;
  }

  get source(): RecordSource {
    return this.#again(this.#index)?.source ?? { kind: 'text', text: '' };
  }

  get messageId(): string | undefined {
    const content = this.#again(this.#index)?.content;
    return content?.kind === 'event' ? content.event.messageId : undefined;
  }
}

function warningsOf({ notes, outcomes, problems }: PackedSlice): Map<number, Problem[]> {
  const warnings = new Map<number, Problem[]>();
  for (let at = 0; at < notes.length; at += 2) {
    const [index = 0, problem] = [notes[at], problems[notes[at + 1] ?? 0]];
    if (problem === undefined || outcomes[index] === OUTCOME.rejected) continue;
    const known = warnings.get(index);
    if (known === undefined) warnings.set(index, [problem]);
    else known.push(problem);
  }
  return warnings;
}
