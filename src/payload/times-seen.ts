import type { DateOrder } from '../config/config.js';
import { createTimestampReader } from './timestamp.js';

/** What the times of some records show of how to read them. */
export interface TimesSeen {
  /** `either`: no date of a form such as 1/2/2026 shows which of the two is the day. Undefined: there is none. */
  readonly dateOrder: DateOrder | 'either' | undefined;
  /** Whether some name no time zone. */
  readonly zoneless: boolean;
}

/** Looks through timestamps as they were written. */
export function lookAtTimes(times: readonly string[]): TimesSeen {
  const [read, dayFirst, monthFirst] = [
    createTimestampReader('UTC'),
    createTimestampReader('UTC', 'dmy'),
    createTimestampReader('UTC', 'mdy'),
  ];
  const readings = times.map((time) => ({
    plain: read(time),
    dmy: dayFirst(time),
    mdy: monthFirst(time),
  }));
  const ordered = readings.filter(({ plain, dmy, mdy }) => plain === undefined && (dmy ?? mdy) !== undefined);
  const dmy = ordered.some((reading) => reading.mdy === undefined);
  const mdy = ordered.some((reading) => reading.dmy === undefined);
  return {
    dateOrder: ordered.length === 0 ? undefined : dmy === mdy ? 'either' : dmy ? 'dmy' : 'mdy',
    zoneless: readings.some((reading) => (reading.dmy ?? reading.mdy)?.zoned === false),
  };
}
