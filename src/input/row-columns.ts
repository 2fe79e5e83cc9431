import type { InputOptions, JsonValue, SegmentEvent } from '../interfaces.js';
import { DEFAULT_EVENT } from './default-event.js';
import { createRowReader, idOf, type RowReader } from './event.js';
import { createIdMaker, type IdMaker } from './message-id.js';
import { DEVICE_TYPE, planSteps, type Step } from './placer.js';
import type { Place } from './places.js';
import type { RowEvent, RowGetter } from './row-event.js';

/**
 * What the columns of a table alone say of the events of its rows: which cell stands at a place, or that nothing can.
 * Rows are put together by {@link createRowReader}; this says the same without doing so.
 */
export class RowColumns {
  readonly #steps: readonly Step[];
  /** Those that put every cell of theirs where they plan to, whatever the other cells are. */
  readonly #certain: ReadonlySet<Step>;
  /** Of rows that have none. */
  readonly #event: string;
  readonly #toEvent: RowReader;
  readonly #makeId: IdMaker;
  readonly #getMessageId: RowGetter | undefined;

  /**
   * @param columns header names, trimmed and unique.
   * @throws UserError `PLACE_INVALID`.
   */
  constructor(columns: readonly string[], options: InputOptions) {
    this.#steps = planSteps(columns, options, 'throw').steps;
    this.#certain = certainOf(this.#steps);
    this.#event = options.event ?? DEFAULT_EVENT;
    this.#toEvent = createRowReader(columns, options);
    this.#makeId = createIdMaker(columns);
    this.#getMessageId = this.#cellAt(['messageId']);
  }

  /** Puts the event of a row together. */
  toEvent({ cells, messageId }: Pick<RowEvent, 'cells' | 'messageId'>): SegmentEvent {
    return this.#toEvent(cells, messageId);
  }

  /** The event's id: as a column gives it, or else made of the row. */
  messageIdOf(row: RowEvent): string {
    if (this.#getMessageId === undefined) return this.#toEvent(row.cells).messageId;
    return idOf(this.#getMessageId(row)) ?? this.#makeId(row.cells);
  }

  /** What reads the place that `keys` lead to; undefined where the event has to be put together for that. */
  getterOf(keys: readonly string[]): RowGetter | undefined {
    const [first] = keys;
    if (keys.length !== 1) return keys.length === 0 ? undefined : this.#cellAt(keys);
    if (first === 'messageId') return (row) => row.messageId;
    if (first !== 'type' && first !== 'event') return this.#cellAt(keys);
    // A row that says nothing else is a track.
    if (this.#stepsAt(['type']).length > 0) return undefined;
    if (first === 'type') return () => 'track';
    const get = this.#cellAt(keys);
    return get === undefined ? undefined : (row) => get(row) ?? this.#event;
  }

  /** Whether a cell may be what stands at the place that `keys` lead to, or has it in it; not only something in that. */
  mayHold(keys: readonly string[]): boolean {
    return this.#stepsAt(keys).some((step) =>
      placesOf(step, this.#certain.has(step)).some(
        (place) => place.length <= keys.length && meet(place, keys),
      ),
    );
  }

  #cellAt(keys: readonly string[]): RowGetter | undefined {
    const [step, ...others] = this.#stepsAt(keys);
    if (step === undefined) return () => undefined;
    const { scalarPlace } = step;
    const isThere =
      scalarPlace.length === keys.length && keys.every((key, depth) => key === String(scalarPlace[depth]));
    return others.length === 0 && isThere && this.#certain.has(step) ? cellGetter(step) : undefined;
  }

  /** What may put something at a place, above it or below it. */
  #stepsAt(keys: readonly string[]): readonly Step[] {
    return this.#steps.filter((step) =>
      placesOf(step, this.#certain.has(step)).some((place) => meet(place, keys)),
    );
  }
}

function cellGetter({ index, convert, isNone }: Step): RowGetter {
  return ({ cells }): JsonValue | undefined => {
    const cell = cells[index];
    return cell === undefined || isNone(cell) ? undefined : convert(cell);
  };
}

function certainOf(steps: readonly Step[]): ReadonlySet<Step> {
  const certain = new Set(steps.filter(({ sure }) => sure));
  const taken = new PlaceCounts();
  for (const step of steps) for (const place of placesOf(step, certain.has(step))) taken.add(place);
  for (let before = Number.NaN; before !== certain.size; ) {
    before = certain.size;
    for (const step of certain) {
      // One of those is its own.
      if (taken.meeting(step.scalarPlace) === 1) continue;
      certain.delete(step);
      for (const place of placesOf(step, false)) taken.add(place);
    }
  }
  return certain;
}

/** How many places there are, known by where they are. What is in a list counts as the list. */
class PlaceCounts {
  readonly #at = new Map<string, number>();
  readonly #atOrBelow = new Map<string, number>();

  add(place: Place): void {
    const paths = pathsTo(place);
    for (const path of paths) this.#atOrBelow.set(path, (this.#atOrBelow.get(path) ?? 0) + 1);
    const last = paths.at(-1) ?? '';
    this.#at.set(last, (this.#at.get(last) ?? 0) + 1);
  }

  /** How many may {@link meet} a place. */
  meeting(place: Place): number {
    const above = pathsTo(place);
    const last = above.pop() ?? '';
    return above.reduce((sum, path) => sum + (this.#at.get(path) ?? 0), this.#atOrBelow.get(last) ?? 0);
  }
}

/** The way to a place, or to the list that it is in, key by key. */
function pathsTo(place: Place): string[] {
  const list = place.findIndex((key) => typeof key === 'number');
  const keys = list === -1 ? place : place.slice(0, list);
  return keys.map((_, depth) => JSON.stringify(keys.slice(0, depth + 1)));
}

/** Where a step may put something. */
function placesOf({ place, scalarPlace, own, device }: Step, certain: boolean): readonly Place[] {
  if (certain) return [scalarPlace];
  return device === undefined ? [place, scalarPlace, own] : [place, scalarPlace, own, DEVICE_TYPE];
}

/** Whether what stands at one place says what stands at the other: it is the same, or in it, or both are in a list. */
function meet(a: Place, b: Place): boolean {
  for (let depth = 0; depth < a.length && depth < b.length; depth += 1) {
    if (String(a[depth]) === String(b[depth])) continue;
    return typeof a[depth] === 'number' || typeof b[depth] === 'number';
  }
  return true;
}
