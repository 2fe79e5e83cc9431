import type { Code } from '../codes.js';

/** A mapping that cannot work. The config station turns `path` into a place in the file. */
export class MappingError extends Error {
  override readonly name = 'MappingError';
  /** Stable, upper-case, for scripts: `MAPPING_UNKNOWN_DIRECTIVE`. */
  readonly code: Code;
  /** What to do, as one sentence. */
  readonly hint: string;
  /** Keys and indexes from the list of mappings to what is wrong. */
  readonly path: readonly (string | number)[];

  constructor(code: Code, message: string, hint: string, path: readonly (string | number)[]) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.path = path;
  }
}
