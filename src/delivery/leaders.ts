import { nameOf } from '../delivery-id.js';
import { IdSet } from './id-set.js';
import type { RunUnit } from './unit.js';

const NOBODY: readonly RunUnit[] = [];

/** Which deliveries are in flight, each led by one unit, and the units of the same name that wait for that one. */
export class Leaders {
  readonly #inFlight = new IdSet();
  /** By name. */
  readonly #followers = new Map<string, RunUnit[]>();
  #waiting = 0;

  /** How many units wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Adds units. @returns those that have no other of the same name in flight; the others wait for that one. */
  add(units: readonly RunUnit[]): RunUnit[] {
    const leaders: RunUnit[] = [];
    for (const unit of units) {
      if (this.#inFlight.add(unit.slice.packed.ids, unit.idAt)) leaders.push(unit);
      else this.#follow(unit);
    }
    return leaders;
  }

  /** A leader is no longer in flight. @returns those who waited for it. */
  remove(unit: RunUnit): readonly RunUnit[] {
    this.#inFlight.delete(unit.slice.packed.ids, unit.idAt);
    if (this.#followers.size === 0) return NOBODY;
    const name = nameOf(unit.slice.packed.ids, unit.idAt);
    const followers = this.#followers.get(name) ?? NOBODY;
    this.#followers.delete(name);
    this.#waiting -= followers.length;
    return followers;
  }

  /** A leader was refused: the first of those who waited for it leads in its place. @returns that one. */
  pass(unit: RunUnit): RunUnit | undefined {
    const followers =
      this.#followers.size === 0 ? undefined : this.#followers.get(nameOf(unit.slice.packed.ids, unit.idAt));
    const next = followers?.shift();
    if (next === undefined) this.remove(unit);
    else this.#waiting -= 1;
    return next;
  }

  #follow(unit: RunUnit): void {
    const name = nameOf(unit.slice.packed.ids, unit.idAt);
    const followers = this.#followers.get(name);
    if (followers === undefined) this.#followers.set(name, [unit]);
    else followers.push(unit);
    this.#waiting += 1;
  }
}
