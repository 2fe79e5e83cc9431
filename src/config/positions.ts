import { type Document, LineCounter, parseDocument } from 'yaml';
import { type ErrorPlace, UserError } from '../errors.js';
import { checkNodes, entryAt, JSON_COMMENT, JSON_COMMENT_HINT, offsetOf } from './yaml-nodes.js';

/** As often as this, parts of a file may be repeated by aliases that repeat aliases: more would take all memory. */
const MAX_ALIASES = 100;

/** A way into the file: keys and list indexes. */
export type ConfigPath = readonly (string | number)[];

/** A parsed YAML or JSON file that can say where each of its values stands. */
export interface PositionedFile {
  readonly value: unknown;
  /** Where the value at `path` stands, or the deepest part of `path` that exists. */
  placeOf(path: ConfigPath): ErrorPlace;
  /** Where the key at the end of `path` stands. */
  placeOfKey(path: ConfigPath): ErrorPlace;
}

/**
 * Parses YAML 1.2 (of which JSON is a part), keeping positions.
 *
 * @throws UserError `CONFIG_SYNTAX` with line and column.
 */
export function parsePositioned(text: string, file: string): PositionedFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: true,
    // A `!!set` or `!!omap` would be taken for a group without settings.
    resolveKnownTags: false,
  });
  const at = (offset: number | undefined): ErrorPlace => {
    if (offset === undefined) return { file };
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  checkSyntax(document, text, at);
  checkNodes(document, at);
  const find = (path: ConfigPath, wantKey: boolean): ErrorPlace => {
    let node: unknown = document.contents;
    let offset = offsetOf(node);
    for (const [index, key] of path.entries()) {
      const found = entryAt(node, key, document);
      if (found === undefined) break;
      node = found.value;
      const keyOffset = offsetOf(found.key);
      const last = index === path.length - 1;
      offset = (last && wantKey ? keyOffset : undefined) ?? offsetOf(node) ?? keyOffset ?? offset;
    }
    return at(offset);
  };
  return {
    value: toPlain(document, file),
    placeOf: (path) => find(path, false),
    placeOfKey: (path) => find(path, true),
  };
}

/** Checks that YAML has nothing against the text. @throws UserError `CONFIG_SYNTAX`. */
function checkSyntax(document: Document, text: string, at: (offset: number) => ErrorPlace): void {
  const [error] = document.errors;
  if (error?.code === 'MULTIPLE_DOCS') {
    throw new UserError('CONFIG_SYNTAX', 'The file has a second document, which begins here with ---.', {
      hint: 'Keep one of them.',
      place: at(error.pos[0]),
    });
  }
  if (error?.code === 'DUPLICATE_KEY') {
    throw new UserError('CONFIG_SYNTAX', 'The name that begins here stands twice in one group of settings.', {
      hint: 'Keep one of the two.',
      place: at(error.pos[0]),
    });
  }
  if (error !== undefined) {
    const place = at(error.pos[0]);
    const line = text.split('\n')[(place.line ?? 1) - 1] ?? '';
    throw new UserError('CONFIG_SYNTAX', `The file is not valid YAML: ${error.message}`, {
      hint: JSON_COMMENT.test(line)
        ? JSON_COMMENT_HINT
        : 'Fix the syntax here; indentation counts, and a text with : or # in it needs quotes, and so does "@path".',
      place,
    });
  }
  const [warning] = document.warnings;
  if (warning !== undefined) {
    throw new UserError('CONFIG_SYNTAX', `The file is not plain YAML: ${warning.message}`, {
      hint: 'Leave it out; a text that begins with ! or % needs quotes.',
      place: at(warning.pos[0]),
    });
  }
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw new UserError('CONFIG_SYNTAX', 'Aliases repeat too much of the file.', {
      hint: 'Write out what they (*name) repeat: aliases of aliases grow without limit.',
      place: { file },
      cause,
    });
  }
}
