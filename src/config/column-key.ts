/** What a column is known by: names that differ in case alone, or in blanks around them, are of the same one. */
export function columnKey(name: string): string {
  return name.trim().toLowerCase();
}
