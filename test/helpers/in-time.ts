/**
 * What `attempt` makes of 2 s, or of twice as many each time until that is enough: how far a run gets in a second, a busy
 * machine decides.
 */
export async function inTime<T>(
  attempt: (seconds: number) => Promise<T>,
  isEnough: (made: T) => boolean,
): Promise<T> {
  for (let seconds = 2; ; seconds *= 2) {
    const made = await attempt(seconds);
    // What is not enough by then never is.
    if (isEnough(made) || seconds > 30) return made;
  }
}
