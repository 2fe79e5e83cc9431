import type { InFlightGroup, Problem } from '../interfaces.js';
import type { RunUnit } from './unit.js';

/**
 * Units that an earlier run sent together and never got an answer for, held until all of them are there: only the very
 * same batch is dropped by a server that has it.
 */
export class InFlightHold {
  readonly #held = new Map<InFlightGroup, Map<number, RunUnit>>();

  /**
   * @param position 0-based, in the batch that was sent.
   * @returns all units of the group in their order, once they are there; none before.
   */
  add(unit: RunUnit, group: InFlightGroup, position: number): RunUnit[] {
    const units = this.#held.get(group) ?? new Map<number, RunUnit>();
    this.#held.set(group, units.set(position, unit));
    if (units.size < group.size) return [];
    this.#held.delete(group);
    return [...units].sort(([a], [b]) => a - b).map(([, each]) => each);
  }

  /** Gives back what is still incomplete. */
  takeAll(): RunUnit[] {
    const units = [...this.#held.values()].flatMap((group) => [...group.values()]);
    this.#held.clear();
    return units;
  }
}

/** Why a record is not sent, since it is not known whether the server has it. */
export const IN_FLIGHT_CHANGED: Problem = {
  code: 'IN_FLIGHT_CHANGED',
  message:
    'The record, or what the config or this version of rokt-capi makes of it, has changed since an earlier run sent it without learning whether it arrived. Send the file as it was then, with the config and the version of then, or use --resend and risk delivering it twice.',
};

/** Why a record of an incomplete group is not sent. */
export const IN_FLIGHT_INCOMPLETE: Problem = {
  code: 'IN_FLIGHT_INCOMPLETE',
  message:
    'An earlier run sent it without learning whether it arrived, in one batch with records that are not in this input, that no trigger matches now, or that were delivered since. Repeat the command of that run with the config as it was; for what that rejects too, use --resend and risk delivering it twice.',
};
