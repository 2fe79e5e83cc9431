import { basename } from 'node:path';

/**
 * The key of an audience: its name in snake_case (contract.md, section 6).
 *
 * @returns an empty text where the name has neither letters nor digits.
 */
export function audienceKey(name: string): string {
  return name
    .trim()
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '');
}

/** The name of an audience by that of its file: `Premium Users.csv.gz` is `Premium Users`. */
export function nameOfFile(file: string): string {
  return basename(file).replace(/(?:\.(?:csv|tsv|txt|json|ndjson|jsonl|gz|zst))+$/i, '');
}
