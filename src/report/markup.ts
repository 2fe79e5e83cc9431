const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const UNWANTED = /(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;

/**
 * Text for HTML and XML, also within quotes. Control characters, which XML cannot have, and marks that turn the direction
 * of what comes after them become a replacement character.
 */
export function escapeMarkup(text: string): string {
  return text.replaceAll(UNWANTED, '\ufffd').replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
