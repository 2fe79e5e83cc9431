/** A number with what it counts: `1 event`, `2 batches`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** A time to the minute, for people, in UTC: `2026-05-01 10:00`. @param iso ISO 8601. */
export function toMinute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
