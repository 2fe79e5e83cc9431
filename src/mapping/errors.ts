import type { Code } from '../codes.js';
import type { Problem } from '../interfaces.js';

/** Where something stands: keys and indexes from the list of mappings on. */
export type MappingPath = readonly (string | number)[];

/** A mapping that cannot work. Whoever has the config turns `path` into a place in its file. */
export class MappingError extends Error {
  override readonly name = 'MappingError';
  /** Stable, upper-case, for scripts: `MAPPING_UNKNOWN_DIRECTIVE`. */
  readonly code: Code;
  /** What to do, as one sentence. */
  readonly hint: string;
  /** Leads to what is wrong. */
  readonly path: MappingPath;
  /** Whether the key at the end of `path` is wrong, or its value. */
  readonly part: 'key' | 'value';

  constructor(
    code: Code,
    message: string,
    hint: string,
    path: MappingPath,
    part: MappingError['part'] = 'value',
  ) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.path = path;
    this.part = part;
  }
}

/** A mapping that cannot be worked out for one record, which is rejected for it. */
export class MappingFailure extends Error {
  override readonly name = 'MappingFailure';
  readonly problem: Problem;

  /** @param path leads to the directive. */
  constructor(message: string, path: MappingPath) {
    super(message);
    const field = fieldIn(path);
    this.problem = { code: 'MAPPING_FAILED', message, ...(field === '' ? {} : { field }) };
  }
}

/** The field of the Send action in a path: what stands under `fields`, up to the directive. */
function fieldIn(path: MappingPath): string {
  const keys = path.slice(path.indexOf('fields') + 1);
  const directive = keys.findIndex((key) => String(key).startsWith('@'));
  return keys.slice(0, directive === -1 ? undefined : directive).join('.');
}
