/** Shares are calculated as fractions, which most percentages are not: so much more or less is the same. */
const SLACK = 1e-9;

/** Whether one share or number is certainly larger than another. */
export function isAbove(value: number, limit: number): boolean {
  return value - limit > SLACK;
}

/** A share (0 to 1) as a person writes it: `20%`, `0.05%`. */
export function plainPercent(share: number): string {
  return `${Number((share * 100).toFixed(4))}%`;
}
