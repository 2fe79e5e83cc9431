import type { MappingPath } from './errors.js';
import { invalid } from './options.js';

/**
 * Checks that a text of a mapping is not a path or a template without its directive: `$.properties.email` would be sent as
 * it is, as the address of everyone. Its directive may also be further out, around the one that chooses the text.
 *
 * @throws MappingError `MAPPING_INVALID_OPTION`.
 */
export function checkConstant(text: string, at: MappingPath): void {
  const directive = directiveOf(text);
  if (directive === undefined || at.includes(directive)) return;
  throw invalid(
    `The text would be sent as it is, since no ${directive} is around it.`,
    `Write { "${directive}": … } around it; if the text itself is meant, { "@literal": … }.`,
    at,
  );
}

function directiveOf(text: string): string | undefined {
  if (/^\$\.[A-Za-z_]/.test(text)) return '@path';
  return /\{\{.*\}\}/s.test(text) ? '@template' : undefined;
}
