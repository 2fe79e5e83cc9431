import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { type ErrorPlace, UserError } from '../errors.js';

/** What begins a comment in JSON as editors take it, and is a part of a text in YAML. */
export const JSON_COMMENT = /(?:^|\s)\/[/*]/;
/** What to do about one. */
export const JSON_COMMENT_HINT =
  'A comment begins with #, in JSON too; a text with // or /* in it needs quotes.';

/** A number that other readers of YAML take for an octal one. */
const LEADING_ZERO = /^[-+]?0\d/;

/**
 * Checks what YAML would silently take for something else than was meant, and has keys be what is written: the column
 * `007` is not `7`, and `null` not a blank.
 *
 * @param at the place in the file of an offset.
 * @throws UserError `CONFIG_SYNTAX`.
 */
export function checkNodes(document: Document, at: (offset: number | undefined) => ErrorPlace): void {
  const wrong = (node: unknown, message: string, hint: string): UserError =>
    new UserError('CONFIG_SYNTAX', message, { hint, place: at(offsetOf(node)) });
  const checkScalar = (scalar: Scalar, isKey: boolean, ancestors: readonly unknown[]): void => {
    const { value, source = '' } = scalar;
    const isInFlow = ancestors.some((node) => isCollection(node) && node.flow === true);
    if (scalar.type === 'PLAIN' && isInFlow && JSON_COMMENT.test(source)) {
      throw wrong(scalar, 'A // or /* stands here, which is no comment in YAML.', JSON_COMMENT_HINT);
    }
    if (isKey || typeof value !== 'number') return;
    if (LEADING_ZERO.test(source)) {
      throw wrong(
        scalar,
        'A number begins with 0 here, which would be left off.',
        'Put it in quotes to keep the 0, or leave the 0 out.',
      );
    }
    if (/^[-+]?\d+$/.test(source) && !Number.isSafeInteger(value)) {
      throw wrong(
        scalar,
        'A number has more digits here than can be kept.',
        'Put it in quotes: it is then sent as it is written.',
      );
    }
  };
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isCollection(key)) {
        throw wrong(
          key,
          'A { or [ begins here where a name should be.',
          'A text with braces or brackets needs quotes: "{{properties.order_id}}".',
        );
      }
      const isUnknown = isAlias(value) && value.resolve(document) === undefined;
      if (isMergeKey(key) && !isUnknown && mergedBy(value, document) === undefined) {
        throw wrong(
          key,
          '<< stands here, but no group of settings, or list of such, after it.',
          'Name one that is marked with & further up: <<: *name.',
        );
      }
    },
    Scalar: (where, scalar, ancestors) => {
      checkScalar(scalar, where === 'key', ancestors);
      if (where === 'key' && typeof scalar.value !== 'string' && !isMergeKey(scalar)) {
        scalar.value = scalar.source;
      }
    },
    Alias: (_, alias, ancestors) => {
      const anchored = alias.resolve(document);
      if (anchored !== undefined && !ancestors.includes(anchored)) return;
      const why = anchored === undefined ? 'has no anchor before it' : 'is inside what it repeats';
      throw wrong(
        alias,
        `The alias *${alias.source} ${why}.`,
        `A text that begins with * needs quotes; an alias repeats what &${alias.source} marks further up.`,
      );
    },
  });
}

/** Whether it is the `<<` that puts the settings of another group in. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && typeof key.value === 'symbol';
}

/** The groups that stand after a `<<`; undefined where something else does. */
function mergedBy(value: unknown, document: Document): readonly YAMLMap[] | undefined {
  const source = resolved(value, document);
  const parts = isSeq(source) ? source.items.map((item) => resolved(item, document)) : [source];
  const maps = parts.filter((part) => isMap(part));
  return maps.length === parts.length ? maps : undefined;
}

function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** What is at a key of a map, its own or one merged into it, with that key; or at an index of a list. */
export function entryAt(
  node: unknown,
  key: string | number,
  document: Document,
): { readonly key?: unknown; readonly value: unknown } | undefined {
  const target = resolved(node, document);
  if (!isMap(target)) return isCollection(target) ? { value: target.get(key, true) } : undefined;
  const own = target.items.find(({ key: its }) => isScalar(its) && its.value === String(key));
  if (own !== undefined) return own;
  for (const { key: its, value } of target.items) {
    if (!isMergeKey(its)) continue;
    for (const map of mergedBy(value, document) ?? []) {
      const found = entryAt(map, key, document);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Where a node begins, in characters of the text; undefined where it is written nowhere. */
export function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? (node.range?.[0] ?? undefined) : undefined;
}

function isNode(node: unknown): node is Node {
  return isScalar(node) || isCollection(node) || isAlias(node);
}
