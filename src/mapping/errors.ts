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

/** What is wrong with one record costs all of it. Caught where its batch is made. */
export class Rejection extends Error {
  override readonly name = 'Rejection';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}
