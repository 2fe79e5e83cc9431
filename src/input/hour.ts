/** The hour of the day that a clock shows; one that counts to 12 with `half`, A or P. Undefined where there is none such. */
export function hourOf(shown: string, half: string | undefined): number | undefined {
  const hour = Number(shown);
  if (half === undefined) return hour <= 23 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
}
