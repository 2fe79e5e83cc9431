/**
 * The candidate that `name` was most likely meant to be: the one with the smallest edit distance, regardless of case.
 *
 * @param within how many letters may differ; default: a third of them, but at least two.
 * @returns undefined where none is near.
 */
export function nearest(
  name: string,
  candidates: Iterable<string>,
  within: number = Math.max(2, Math.floor(name.length / 3)),
): string | undefined {
  let best: string | undefined;
  let bestDistance = within + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** What to do about a name that there is not: `Did you mean "orders"?` where one is near, else what `otherwise` says. */
export function didYouMean(name: string, candidates: Iterable<string>, otherwise: string): string {
  const close = nearest(name, candidates);
  return close === undefined ? otherwise : `Did you mean "${close}"?`;
}

/** Levenshtein's distance, in characters. */
function editDistance(a: string, b: string): number {
  const others = [...b];
  let previous = Array.from({ length: others.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const current = [i + 1];
    for (const [j, other] of others.entries()) {
      const substitute = (previous[j] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(substitute, (previous[j + 1] ?? 0) + 1, (current[j] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
