/**
 * A run's id: when it began, to the second, and four random characters: `20261123T214039Z-k3x9`. Sorts by time.
 *
 * @param random a number in [0, 1).
 */
export function createRunId(startedAt: Date, random: () => number): string {
  const time = startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const tail = Array.from({ length: 4 }, () => Math.floor(random() * 36).toString(36)).join('');
  return `${time}-${tail}`;
}
