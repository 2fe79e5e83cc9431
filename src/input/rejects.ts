import type { JsonObject, JsonValue, RecordSource } from '../interfaces.js';

/** A line of a rejects file, taken out of its wrapping. */
export interface RejectedRecord {
  /** The record: an object, or text that could not be parsed. */
  readonly record: JsonValue;
  /** The id that the record had: mended, it keeps it. */
  readonly messageId?: string;
  /** The header of the table that the text is a row of. */
  readonly columns?: readonly string[];
  readonly delimiter?: string;
}

/** The parts of a rejects file's line that come from the record: design.md, section 3. */
export function toRejectedSource(source: RecordSource): JsonObject {
  switch (source.kind) {
    case 'row':
      return {
        record: Object.fromEntries(
          source.columns.map((column, index) => [column, source.cells[index] ?? '']),
        ),
      };
    case 'object':
      return { record: source.value };
    case 'text':
      return {
        ...(source.columns === undefined
          ? {}
          : { columns: source.columns, delimiter: source.delimiter ?? ',' }),
        record: source.text,
      };
  }
}

/** The record in a line of a rejects file; undefined where `object` is none. */
export function unwrapRejected(object: JsonObject): RejectedRecord | undefined {
  const { file, line, reason, code, record, messageId, columns, delimiter } = object;
  if (
    typeof file !== 'string' ||
    typeof line !== 'number' ||
    typeof reason !== 'string' ||
    typeof code !== 'string' ||
    record === undefined
  ) {
    return undefined;
  }
  const names = Array.isArray(columns)
    ? columns.filter((name: JsonValue) => typeof name === 'string')
    : undefined;
  return {
    record,
    ...(typeof messageId === 'string' ? { messageId } : {}),
    ...(names === undefined ? {} : { columns: names }),
    ...(typeof delimiter === 'string' ? { delimiter } : {}),
  };
}
