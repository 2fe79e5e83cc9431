import { hasSameContent, nameOf } from '../delivery-id.js';
import { UserError } from '../errors.js';
import type { DeliveryEnd, Problem } from '../interfaces.js';
import { batchesOf, OutgoingBatch } from './batching.js';
import { IN_FLIGHT_CHANGED, IN_FLIGHT_INCOMPLETE, InFlightHold } from './in-flight-hold.js';
import type { UnitOutcome } from './outcome.js';
import { OUTCOME } from './packed-slice.js';
import {
  type DeliveryRunOptions,
  type Entry,
  type PreparedSlice,
  RunUnit,
  type Sender,
  type SettledRecord,
} from './unit.js';

const NOBODY: readonly RunUnit[] = [];

/**
 * Takes prepared records to their one end state each: passes over what was delivered before, sends the rest, and
 * reports each record once, when all its deliveries are settled and that is recorded.
 *
 * Two records with the same id are one delivery. The second waits for the first: it is a duplicate when that is
 * accepted, and is tried itself when that is rejected.
 */
export class DeliveryRun {
  readonly #options: DeliveryRunOptions;
  /** Units in flight, each with those that have the same key and wait for it. */
  #inFlight = new Map<string, readonly RunUnit[]>();
  readonly #hold = new InFlightHold<RunUnit>();
  /** Ends that are not recorded yet. */
  readonly #recording = new Set<Promise<void>>();
  #again: RunUnit[] = [];
  #sender: Sender | undefined;
  #read = 0;
  #rejected = 0;

  constructor(options: DeliveryRunOptions) {
    this.#options = options;
  }

  /**
   * Runs until the slices end or `sender` stops. Everything taken from `slices` is reported before it resolves, also
   * when reading fails, which is thrown afterwards.
   */
  async run(slices: AsyncIterable<PreparedSlice>, sender: Sender): Promise<void> {
    this.#sender = sender;
    let failure: { readonly error: unknown } | undefined;
    let early: OutgoingBatch<RunUnit>[] = [];
    let submitted: Promise<void> = Promise.resolve();
    try {
      for await (const slice of slices) {
        early.push(...this.#admit(slice));
        this.#checkRejects(false);
        if (this.#options.rejectLimit?.isTooEarly(this.#read) === true && sender.stopReason === undefined)
          continue;
        await submitted;
        submitted = this.#submit(early);
        // Its failure is met where it is awaited; until then it is no unhandled one.
        submitted.catch(() => undefined);
        early = [];
        if (sender.stopReason !== undefined) break;
      }
    } catch (error) {
      failure = { error };
    }
    this.#checkRejects(true);
    await submitted;
    await this.#submit(early);
    await this.#finish(sender);
    if (failure !== undefined && sender.stopReason === undefined) throw failure.error;
  }

  /** Must be called by the sender for every unit submitted, with those that ended together. */
  settle(units: readonly RunUnit[], outcome: UnitOutcome): void {
    if (outcome.kind === 'accepted') {
      this.#end(units, 'accepted');
      return;
    }
    if (outcome.kind === 'pending') {
      if (!outcome.arrived) this.#end(units, 'unsent');
      for (const unit of units) this.#onPending(unit);
      return;
    }
    this.#end(units, 'refused');
    const problem: Problem = {
      code: 'SERVER_REFUSED',
      message: `The server refused it with ${outcome.status}; its words are in the rejects file.`,
      ...(outcome.message === '' ? {} : { detail: outcome.message }),
    };
    for (const unit of units) this.#onRejected(unit, problem);
  }

  /**
   * Must be awaited by the sender before it sends units in other batches than they were submitted in, which it may do
   * only where the server has refused those.
   */
  async regroup(batches: readonly OutgoingBatch<RunUnit>[]): Promise<void> {
    this.#end(
      batches.flatMap((batch) => batch.units),
      'refused',
    );
    try {
      await this.#announce(batches);
    } catch (error) {
      this.#stopUnrecorded(error);
    }
  }

  /** The batches that a slice makes, which are then on their way. */
  #admit({ file, packed, recordAt }: PreparedSlice): OutgoingBatch<RunUnit>[] {
    const { outcomes, problems, notes } = packed;
    this.#read += outcomes.length;
    const again = this.#again.splice(0);
    const fresh: RunUnit[] = [];
    const repeated: RunUnit[][] = [];
    let delivery = 0;
    for (const [index, outcome] of outcomes.entries()) {
      const record = recordAt(index);
      if (outcome >= OUTCOME.ready) {
        const outstanding = outcome - OUTCOME.ready;
        const entry: Entry = {
          file,
          record,
          outstanding,
          accepted: false,
          pending: false,
          problem: undefined,
        };
        for (let n = 0; n < outstanding; n += 1, delivery += 1) {
          this.#admitUnit(new RunUnit(packed, delivery, entry), fresh, repeated);
        }
      } else if (outcome !== OUTCOME.rejected) {
        this.#report({ file, record, state: outcome === OUTCOME.skipped ? 'skipped' : 'duplicate' });
      }
    }
    for (let at = 0; at < notes.length; at += 2) {
      const [index = 0, problem] = [notes[at], problems[notes[at + 1] ?? 0]];
      if (outcomes[index] !== OUTCOME.rejected || problem === undefined) continue;
      this.#report({ file, record: recordAt(index), state: 'rejected', problem });
    }
    return [
      ...repeated.flatMap((units) => toBatches(units)),
      ...this.#leaders(again).map((unit) => new OutgoingBatch<RunUnit>([unit])),
      ...batchesOf(this.#leaders(fresh)),
    ];
  }

  /** Puts a unit where it belongs: with what is new, with what is sent again as it was, or with neither. */
  #admitUnit(unit: RunUnit, fresh: RunUnit[], repeated: RunUnit[][]): void {
    const { log, resend, resendChanged } = this.#options;
    const status = log.status(unit.id);
    if (status.kind === 'delivered') {
      const again = (resend && !status.byThisRun) || (resendChanged && status.changed);
      if (again) fresh.push(unit);
      else this.#close(unit.entry);
    } else if (status.kind === 'unknown' || resend || (status.changed && resendChanged)) {
      fresh.push(unit);
    } else if (status.changed) {
      unit.entry.problem = IN_FLIGHT_CHANGED;
      this.#close(unit.entry);
    } else if (this.#leaders([unit]).length > 0) {
      const complete = this.#hold.add(unit, status.group, status.position);
      if (complete !== undefined) repeated.push(complete);
    }
  }

  /** Those of `units` that have no other of the same key in flight; the others wait for that one. */
  #leaders(units: readonly RunUnit[]): RunUnit[] {
    return units.filter((unit) => {
      const key = nameOf(unit.id);
      const followers = this.#inFlight.get(key);
      if (followers === undefined) this.#inFlight.set(key, NOBODY);
      else this.#inFlight.set(key, [...followers, unit]);
      return followers === undefined;
    });
  }

  async #submit(batches: readonly OutgoingBatch<RunUnit>[]): Promise<void> {
    const sender = this.#sender;
    if (sender === undefined || batches.length === 0) return;
    if (sender.stopReason === undefined) {
      try {
        await this.#announce(batches);
      } catch (error) {
        this.#stopUnrecorded(error);
      }
    }
    await sender.submit(batches);
  }

  async #announce(batches: readonly OutgoingBatch<RunUnit>[]): Promise<void> {
    const announced = batches.map((batch) => batch.units.map((unit) => unit.id));
    let number = await this.#options.log.announce(announced);
    for (const batch of batches) {
      for (const unit of batch.units) {
        unit.number = number;
        number += 1;
      }
    }
  }

  async #finish(sender: Sender): Promise<void> {
    await this.#settled(sender);
    while (this.#again.length > 0) {
      await this.#submit(this.#leaders(this.#again.splice(0)).map((unit) => new OutgoingBatch([unit])));
      await this.#settled(sender);
    }
    for (const unit of this.#hold.takeAll()) {
      const followers = this.#takeFollowers(unit);
      for (const { entry } of [unit, ...followers]) {
        if (sender.stopReason === undefined) entry.problem = IN_FLIGHT_INCOMPLETE;
        else entry.pending = true;
        this.#close(entry);
      }
    }
  }

  async #settled(sender: Sender): Promise<void> {
    await sender.flush();
    while (this.#recording.size > 0) await Promise.all(this.#recording);
  }

  /** Records how units ended; an accepted one is so only then. Where it cannot be recorded, the run stops. */
  #end(units: readonly RunUnit[], how: DeliveryEnd): void {
    const numbers: number[] = [];
    for (const { number } of units) if (number !== undefined) numbers.push(number);
    if (numbers.length === 0) return;
    const recorded = this.#options.log
      .end(numbers, how)
      .then(
        () => {
          if (how === 'accepted') for (const unit of units) this.#onAccepted(unit);
        },
        (error: unknown) => {
          this.#stopUnrecorded(error);
          if (how === 'accepted') for (const unit of units) this.#onPending(unit);
        },
      )
      .finally(() => this.#recording.delete(recorded));
    this.#recording.add(recorded);
  }

  #stopUnrecorded(error: unknown): void {
    if (!(error instanceof UserError)) throw error;
    this.#sender?.stop({ kind: 'unrecorded', error });
  }

  #onAccepted(unit: RunUnit): void {
    for (const follower of this.#takeFollowers(unit)) {
      const changed = !hasSameContent(follower.id, unit.id);
      if (changed && this.#options.resendChanged) this.#again.push(follower);
      else this.#close(follower.entry);
    }
    unit.entry.accepted = true;
    this.#close(unit.entry);
  }

  #onPending(unit: RunUnit): void {
    for (const { entry } of [unit, ...this.#takeFollowers(unit)]) {
      entry.pending = true;
      this.#close(entry);
    }
  }

  #onRejected(unit: RunUnit, problem: Problem): void {
    this.#again.push(...this.#takeFollowers(unit));
    unit.entry.problem ??= problem;
    this.#close(unit.entry);
  }

  #takeFollowers(unit: RunUnit): readonly RunUnit[] {
    const key = nameOf(unit.id);
    const followers = this.#inFlight.get(key) ?? NOBODY;
    this.#inFlight.delete(key);
    // A map that lives long keeps what it once held from being collected early.
    if (this.#inFlight.size === 0) this.#inFlight = new Map();
    return followers;
  }

  #close(entry: Entry): void {
    entry.outstanding -= 1;
    if (entry.outstanding > 0) return;
    const { file, record, problem } = entry;
    if (problem !== undefined) this.#report({ file, record, state: 'rejected', problem });
    else if (entry.pending) this.#report({ file, record, state: 'pending' });
    else this.#report({ file, record, state: entry.accepted ? 'accepted' : 'duplicate' });
  }

  #report(settled: SettledRecord): void {
    if (settled.state === 'rejected') this.#rejected += 1;
    this.#options.onRecord(settled);
    if (settled.state === 'rejected') this.#checkRejects(false);
  }

  #checkRejects(ended: boolean): void {
    const { rejectLimit } = this.#options;
    if (rejectLimit?.isExceeded(this.#read, this.#rejected, ended) !== true) return;
    this.#sender?.stop({ kind: 'too many rejects', allowed: rejectLimit.describe() });
  }
}

function toBatches(units: readonly RunUnit[]): OutgoingBatch<RunUnit>[] {
  const [first, ...rest] = units;
  return first === undefined ? [] : [new OutgoingBatch([first, ...rest])];
}
