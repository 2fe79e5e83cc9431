import type { JsonValue, SegmentEvent } from '../interfaces.js';
import type { RowColumns } from './row-columns.js';

/**
 * The event that a row of a table stands for. What is read of it is mostly found in the cells at once; the event itself
 * is put together only where it is asked for, or where the columns alone do not show what stands at a place.
 */
export class RowEvent {
  readonly columns: RowColumns;
  /** As many as there are columns. */
  readonly cells: readonly string[];
  readonly messageId: string;
  #whole: SegmentEvent | undefined;

  constructor(columns: RowColumns, cells: readonly string[]) {
    this.columns = columns;
    this.cells = cells;
    this.messageId = columns.messageIdOf(this);
  }

  /** The event, put together once. */
  get whole(): SegmentEvent {
    this.#whole ??= this.columns.toEvent(this);
    return this.#whole;
  }
}

/** Reads one place of the events of one table. */
export type RowGetter = (event: RowEvent) => JsonValue | undefined;
