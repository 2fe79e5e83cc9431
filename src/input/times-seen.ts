import type { DateOrder } from '../config/config.js';

/** What the times of some records show of how to read them. */
export interface TimesSeen {
  /** `either`: no date of a form such as 1/2/2026 shows which of the two is the day. Undefined: there is none. */
  readonly dateOrder: DateOrder | 'either' | undefined;
  /** Whether some name no time zone. */
  readonly zoneless: boolean;
}

/** A zone behind a time: behind a date alone, -01 and -2026 are a part of that. */
const ZONED =
  /:\d{2}(?:[.,]\d+)?\s?(?:[AP]M\s?)?(?:Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?)(?: \([^()]*\))?$/i;
/** Unix time. */
const NUMBER = /^\d+(?:\.\d+)?(?:E9)?$/;

/** Looks through timestamps as they were written. */
export function lookAtTimes(times: readonly string[]): TimesSeen {
  const numbers = times.flatMap((time) => {
    const match = /^(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}/.exec(time.trim());
    return match === null ? [] : [[Number(match[1]), Number(match[2])] as const];
  });
  const dmy = numbers.some(([first]) => first > 12);
  const mdy = numbers.some(([, second]) => second > 12);
  return {
    dateOrder: numbers.length === 0 ? undefined : dmy === mdy ? 'either' : dmy ? 'dmy' : 'mdy',
    zoneless: times.some((time) => !ZONED.test(time.trim()) && !NUMBER.test(time.trim())),
  };
}
