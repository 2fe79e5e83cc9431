import { type Document, isCollection, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { type ErrorPlace, UserError } from '../errors.js';

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
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number | undefined): ErrorPlace => {
    if (offset === undefined) return { file };
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [error] = document.errors;
  if (error?.code === 'MULTIPLE_DOCS') {
    throw new UserError('CONFIG_SYNTAX', 'The file has a second document, which begins here with ---.', {
      hint: 'Keep one of them.',
      place: at(error.pos[0]),
    });
  }
  if (error !== undefined) {
    throw new UserError('CONFIG_SYNTAX', `The file is not valid YAML: ${error.message}`, {
      hint: 'Fix the syntax here; indentation counts, and a text with : or # in it needs quotes.',
      place: at(error.pos[0]),
    });
  }
  checkNodes(document, at);
  const find = (path: ConfigPath, wantKey: boolean): ErrorPlace => {
    let node: unknown = document.contents;
    let offset = offsetOf(node);
    for (const [index, key] of path.entries()) {
      const found = entryAt(node, key);
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

/**
 * @throws UserError `CONFIG_SYNTAX` for an alias without an anchor before it, or in the very part that it repeats; and for
 *   a group of settings as a key, which `{{properties.order_id}}` without quotes is.
 */
function checkNodes(document: Document, at: (offset: number | undefined) => ErrorPlace): void {
  visit(document, {
    Pair: (_, { key }) => {
      if (!isCollection(key)) return;
      throw new UserError('CONFIG_SYNTAX', 'A { or [ begins here where a name should be.', {
        hint: 'A text with braces or brackets needs quotes: "{{properties.order_id}}".',
        place: at(offsetOf(key)),
      });
    },
    Alias: (_, alias, path) => {
      const anchored = alias.resolve(document);
      if (anchored !== undefined && !path.includes(anchored)) return;
      const why = anchored === undefined ? 'has no anchor before it' : 'is inside what it repeats';
      throw new UserError('CONFIG_SYNTAX', `The alias *${alias.source} ${why}.`, {
        hint: `A text that begins with * needs quotes; an alias repeats what &${alias.source} marks further up.`,
        place: at(alias.range?.[0]),
      });
    },
  });
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

/** What is at a key of a map, with that key, or at an index of a list. */
function entryAt(
  node: unknown,
  key: string | number,
): { readonly key?: unknown; readonly value: unknown } | undefined {
  if (isMap(node)) {
    return node.items.find(({ key: its }) => isScalar(its) && String(its.value) === String(key));
  }
  return isCollection(node) ? { value: node.get(key, true) } : undefined;
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) ? (node.range?.[0] ?? undefined) : undefined;
}
