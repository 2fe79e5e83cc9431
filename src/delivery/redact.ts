/** What is shorter, in characters, stands in any text. */
const SHORTEST_SECRET = 8;

/** As HTML spells what would be markup. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};

/** Makes what takes secrets out of a text, also where they are spelt as in JSON, HTML or a URL: `\/`, `&#x2F;`, `%2F`. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const patterns = secrets
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .map((secret) => new RegExp(secret.replaceAll(/[^a-z0-9]/gi, spellings), 'gi'));
  return (text) => patterns.reduce((left, pattern) => left.replaceAll(pattern, '…'), text);
}

/** A pattern of one UTF-16 code unit that is no letter or digit. */
function spellings(char: string): string {
  const code = char.charCodeAt(0);
  const hex = code.toString(16);
  const entity = ENTITIES[char];
  const named = entity === undefined ? '' : `|&${entity};`;
  const unit = `\\u${hex.padStart(4, '0')}`;
  return `(?:\\\\?${unit}|\\\\${unit.replace('\\', '')}|&#x0*${hex};|&#0*${code};${named}|%${hex.padStart(2, '0')})`;
}
