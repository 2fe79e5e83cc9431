import type { JsonValue } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { compileValue, isDirective } from './directives.js';
import type { MappingPath } from './errors.js';
import { createGetter, type Getter, type Readable } from './path.js';

const NOTHING: Getter = () => undefined;

/** One field of a mapping: what it is as a whole, and, where it is an object, what its parts are. */
export interface Field {
  readonly whole: Getter;
  /** Each part for itself; undefined where only the event shows which there are: a directive makes the object. */
  readonly parts: ReadonlyMap<string, Getter> | undefined;
}

/**
 * Reads the fields of one mapping off an event. The parts of a field that is an object are read each for itself, so that
 * no object is put together only to be taken apart again.
 */
export class FieldReader {
  readonly #fields: ReadonlyMap<string, Field>;

  /** @param fields by name, as {@link compileField} and {@link fieldOf} make them; a field that is not there is nothing. */
  constructor(fields: ReadonlyMap<string, Field>) {
    this.#fields = fields;
  }

  /** Whether the mapping says anything of a field. */
  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** Reads a field as a whole: `ip`, `rtid`. */
  whole(name: string): Getter {
    return this.#fields.get(name)?.whole ?? NOTHING;
  }

  /** Reads one part of a field that is an object: of `eventDetails`, the `amount`. */
  part(name: string, key: string): Getter {
    const field = this.#fields.get(name);
    if (field === undefined) return NOTHING;
    if (field.parts !== undefined) return field.parts.get(key) ?? NOTHING;
    const read = createGetter([key]);
    return (event) => {
      const whole = field.whole(event);
      return isJsonObject(whole) ? read(whole) : undefined;
    };
  }

  /** The parts of a field that is an object, in order; undefined where only the event shows which there are. */
  parts(name: string): ReadonlyMap<string, Getter> | undefined {
    const field = this.#fields.get(name);
    return field === undefined ? new Map() : field.parts;
  }
}

/**
 * Compiles what a mapping says of one field.
 *
 * @throws MappingError as {@link compileValue} does.
 */
export function compileField(value: JsonValue | undefined, at: MappingPath): Field {
  if (!isJsonObject(value) || isDirective(value)) {
    return fieldOf(compileValue(value, at));
  }
  const parts = new Map(
    Object.entries(value).map(([key, inner]) => [key, compileValue(inner, [...at, key])] as const),
  );
  return { whole: compileValue(value, at), parts };
}

/** A field that a getter gives as a whole. It is asked once for all parts of one event. */
export function fieldOf(get: Getter): Field {
  return { whole: once(get), parts: undefined };
}

/** The getter, asked once as long as it is the same event. */
export function once(get: Getter): Getter {
  let of: Readable;
  let whole: JsonValue | undefined;
  return (event) => {
    if (event === undefined || event !== of) {
      whole = get(event);
      of = event;
    }
    return whole;
  };
}
