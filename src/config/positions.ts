import { isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { type ErrorPlace, UserError } from '../errors.js';

/** A way into the file: keys and list indexes. */
export type ConfigPath = readonly (string | number)[];

/** A parsed YAML or JSON file that can tell where each of its values stands. */
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
  if (error !== undefined) {
    throw new UserError('CONFIG_SYNTAX', `The file is not valid YAML: ${error.message}`, {
      hint: 'Mend the syntax at this place; indentation counts, and a text with : or # in it needs quotes.',
      place: at(error.pos[0]),
    });
  }
  const step = (
    node: unknown,
    key: string | number,
  ): { key: Node | undefined; value: unknown } | undefined => {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
      );
      return pair === undefined
        ? undefined
        : { key: isScalar(pair.key) ? pair.key : undefined, value: pair.value };
    }
    if (isCollection(node)) return { key: undefined, value: node.get(key, true) };
    return undefined;
  };
  const find = (path: ConfigPath, wantKey: boolean): ErrorPlace => {
    let node: unknown = document.contents;
    let offset = offsetOf(node);
    for (const [index, key] of path.entries()) {
      const found = step(node, key);
      if (found === undefined) break;
      node = found.value;
      const keyOffset = found.key?.range?.[0];
      const last = index === path.length - 1;
      offset = (last && wantKey ? keyOffset : undefined) ?? offsetOf(node) ?? keyOffset ?? offset;
    }
    return at(offset);
  };
  return {
    value: document.toJS({ maxAliasCount: 100 }),
    placeOf: (path) => find(path, false),
    placeOfKey: (path) => find(path, true),
  };
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) ? (node.range?.[0] ?? undefined) : undefined;
}
