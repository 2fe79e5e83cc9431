const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads `500ms`, `30s`, `15m`, `2h`, `1d`, or a bare number of seconds.
 *
 * @returns milliseconds, or undefined where the text is no positive duration.
 */
export function parseDuration(text: string | number): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(String(text).trim());
  if (match === null) return undefined;
  const unit = match[2];
  const factor = unit === 'ms' || unit === 'm' || unit === 'h' || unit === 'd' ? UNIT_MS[unit] : UNIT_MS.s;
  const ms = Number(match[1]) * factor;
  return ms > 0 && Number.isFinite(ms) ? ms : undefined;
}

/** From so many on, a number alone is not meant as days. */
const MORE_THAN_DAYS = 1_000;

/** Whether a duration that is in days as a rule may be meant so, though a number alone is one of seconds: `30`. */
export function mayBeDays(text: string | number): boolean {
  return Number(text) < MORE_THAN_DAYS;
}
