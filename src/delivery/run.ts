import { hasSameContent, toVersion } from '../delivery-id.js';
import { UserError } from '../errors.js';
import type { DeliveryEnd, DeliveryStatus, Problem, RecordState } from '../interfaces.js';
import { announce } from './announce.js';
import { batchesOf, OutgoingBatch, unitsOf } from './batching.js';
import { IN_FLIGHT_CHANGED, IN_FLIGHT_INCOMPLETE, InFlightHold } from './in-flight-hold.js';
import { Leaders } from './leaders.js';
import { refusalOf, type UnitOutcome } from './outcome.js';
import { OUTCOME } from './packed-slice.js';
import { PAUSE, type PreparedSlice } from './prepared-slice.js';
import type { DeliveryRunOptions } from './run-options.js';
import { RunSlice } from './run-slice.js';
import type { Sender, Submitter } from './sender.js';
import { Stoppable } from './stoppable.js';
import { RunUnit } from './unit.js';

/** As many batches are announced together, where there are so many: to make a note durable costs the same for all. */
const GATHERED = 1000;
/** With more units than these that wait for another of their id, nothing more is read until that is settled. */
const MOST_WAITING = 10_000;
/** As long as this, in ms, it may take to show whether there would have been more to read. */
const LOOK_MS = 500;

/**
 * Takes prepared records to their one end state each: passes over what was delivered before, sends the rest, and
 * reports each record once, when all its deliveries are settled and that is recorded.
 *
 * Two records with the same id are one delivery. The second waits for the first: it is a duplicate when that is
 * accepted, and is tried itself when that is rejected.
 */
export class DeliveryRun implements Submitter {
  readonly #options: DeliveryRunOptions;
  /** What is in flight. */
  readonly #leaders = new Leaders();
  readonly #hold = new InFlightHold();
  /** Ends that are not recorded yet. */
  readonly #recording = new Set<Promise<void>>();
  /** Those to be tried now that the one is settled which they waited for. */
  #again: RunUnit[] = [];
  #sender: Sender | undefined;
  #slices: Stoppable<PreparedSlice | typeof PAUSE> | undefined;
  #read = 0;
  #rejected = 0;
  #hasReadAll = false;

  constructor(options: DeliveryRunOptions) {
    this.#options = options;
  }

  /** Whether nothing was left to read when the run ended; false where that is not known. */
  get hasReadAll(): boolean {
    return this.#hasReadAll;
  }

  /**
   * Runs until the slices end or `sender` stops. Everything taken from `slices` is reported before it resolves, also
   * when reading fails, which is thrown afterwards.
   */
  async run(slices: AsyncIterable<PreparedSlice | typeof PAUSE>, sender: Sender): Promise<void> {
    this.#sender = sender;
    let failure: { readonly error: unknown } | undefined;
    let early: OutgoingBatch[] = [];
    let submitted: Promise<void> = Promise.resolve();
    const reading = new Stoppable(slices);
    this.#slices = reading;
    if (sender.stopReason !== undefined) reading.stop();
    try {
      for (;;) {
        const slice = await reading.next();
        if (slice === undefined) break;
        if (slice !== PAUSE) early.push(...this.#admit(slice));
        this.#checkRejects(false);
        if (this.#options.rejectLimit?.isTooEarly(this.#read) === true && sender.stopReason === undefined)
          continue;
        const settleFirst = slice === PAUSE || this.#leaders.waiting > MOST_WAITING;
        if (early.length < GATHERED && !settleFirst && sender.stopReason === undefined) continue;
        await submitted;
        submitted = this.#submit(early);
        // Its failure is met where it is awaited; until then it is no unhandled one.
        submitted.catch(() => undefined);
        early = [];
        if (sender.stopReason !== undefined) break;
        if (!settleFirst) continue;
        await submitted;
        await this.#settleAll(sender);
      }
    } catch (error) {
      failure = { error };
    }
    const atEnd = reading.isAtEnd(LOOK_MS);
    reading.close();
    this.#checkRejects(true);
    await submitted;
    await this.#submit(early);
    await this.#finish(sender, failure === undefined);
    this.#hasReadAll = await atEnd;
    if (failure !== undefined && sender.stopReason === undefined) throw failure.error;
  }

  onStop(): void {
    this.#slices?.stop();
  }

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
    const problem = refusalOf(outcome);
    for (const unit of units) this.#onRejected(unit, problem);
  }

  async regroup(batches: readonly OutgoingBatch[]): Promise<void> {
    this.#end(unitsOf(batches), 'refused');
    await this.#announce(batches);
  }

  /** The batches that a slice makes, which are then on their way. */
  #admit(prepared: PreparedSlice): OutgoingBatch[] {
    const slice = new RunSlice(prepared);
    this.#options.onTaken?.(prepared.packed);
    const { outcomes, problems, notes } = prepared.packed;
    this.#read += outcomes.length;
    const again = this.#again.splice(0);
    const fresh: RunUnit[] = [];
    const repeated: OutgoingBatch[] = [];
    let delivery = 0;
    for (let record = 0; record < outcomes.length; record += 1) {
      const outcome = outcomes[record] ?? 0;
      if (outcome >= OUTCOME.ready) {
        for (const end = delivery + outcome - OUTCOME.ready; delivery < end; delivery += 1) {
          this.#admitUnit(new RunUnit(slice, delivery), fresh, repeated);
        }
      } else if (outcome !== OUTCOME.rejected) {
        this.#report(slice, record, outcome === OUTCOME.skipped ? 'skipped' : 'duplicate');
      }
    }
    for (let at = 0; at < notes.length; at += 2) {
      const [record = 0, problem] = [notes[at], problems[notes[at + 1] ?? 0]];
      if (outcomes[record] !== OUTCOME.rejected || problem === undefined) continue;
      this.#report(slice, record, 'rejected', problem);
    }
    return [
      ...repeated,
      ...again.map((unit) => new OutgoingBatch(unit)),
      ...batchesOf(this.#leaders.add(fresh)),
    ];
  }

  /** Puts a unit where it belongs: with what is new, with what is sent again as it was, or with neither. */
  #admitUnit(unit: RunUnit, fresh: RunUnit[], repeated: OutgoingBatch[]): void {
    const { resend, resendChanged } = this.#options;
    const status = this.#statusOf(unit);
    if (status.kind === 'delivered') {
      const again = (resend && !status.byThisRun) || (resendChanged && status.changed);
      if (again) fresh.push(unit);
      else this.#close(unit, 'duplicate');
    } else if (status.kind === 'unknown' || resend || (status.changed && resendChanged)) {
      fresh.push(unit);
    } else if (status.changed) {
      this.#close(unit, IN_FLIGHT_CHANGED);
    } else if (this.#leaders.add([unit]).length > 0) {
      const [first, ...others] = this.#hold.add(unit, status.group, status.position);
      if (first !== undefined) repeated.push(new OutgoingBatch(first, others));
    }
  }

  /**
   * What is known of a unit's delivery. One whose record has changed, and is to be sent again for it, is a delivery of
   * its own from here on: it is sent once, also where later inputs have the record with either content.
   */
  #statusOf({ slice, idAt }: RunUnit): DeliveryStatus {
    const { log, resend, resendChanged } = this.#options;
    const { ids } = slice.packed;
    const status = log.status(ids, idAt);
    if (status.kind !== 'delivered' || !status.changed || !resendChanged || resend) return status;
    toVersion(ids, idAt);
    return log.status(ids, idAt);
  }

  async #submit(batches: readonly OutgoingBatch[]): Promise<void> {
    const sender = this.#sender;
    if (sender === undefined || batches.length === 0) return;
    if (sender.stopReason === undefined) await this.#announce(batches);
    await sender.submit(batches);
  }

  /** Has the log note batches that are about to be sent. Where that cannot be noted, the run stops. */
  async #announce(batches: readonly OutgoingBatch[]): Promise<void> {
    try {
      await announce(this.#options.log, batches);
    } catch (error) {
      this.#stopUnrecorded(error);
    }
  }

  /** @param wasRead whether reading did not fail: else the rest of a batch may be in what was not read. */
  async #finish(sender: Sender, wasRead: boolean): Promise<void> {
    await this.#settleAll(sender);
    for (const unit of this.#hold.takeAll()) {
      const how = wasRead && sender.stopReason === undefined ? IN_FLIGHT_INCOMPLETE : 'pending';
      for (const each of [unit, ...this.#leaders.remove(unit)]) this.#close(each, how);
    }
  }

  /** Waits until everything submitted is settled, and what is to be tried in its place. */
  async #settleAll(sender: Sender): Promise<void> {
    for (;;) {
      await sender.flush();
      while (this.#recording.size > 0) await Promise.all(this.#recording);
      if (this.#again.length === 0) return;
      await this.#submit(this.#again.splice(0).map((unit) => new OutgoingBatch(unit)));
    }
  }

  /** Records how units ended; an accepted one is so only then. Where it cannot be recorded, the run stops. */
  #end(units: readonly RunUnit[], how: DeliveryEnd): void {
    const numbers = new Uint32Array(units.length);
    let count = 0;
    for (const { number } of units) {
      if (number === undefined) continue;
      numbers[count] = number;
      count += 1;
    }
    if (count === 0) return;
    const recorded = this.#options.log
      .end(numbers.subarray(0, count), how)
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
    const others: RunUnit[] = [];
    for (const follower of this.#leaders.remove(unit)) {
      const changed = this.#options.resendChanged && !hasSameContent(follower.id, unit.id);
      const status = changed ? this.#statusOf(follower) : undefined;
      if (status === undefined || (status.kind === 'delivered' && !status.changed))
        this.#close(follower, 'duplicate');
      else others.push(follower);
    }
    this.#again.push(...this.#leaders.add(others));
    this.#close(unit, 'accepted');
  }

  #onPending(unit: RunUnit): void {
    for (const each of [unit, ...this.#leaders.remove(unit)]) this.#close(each, 'pending');
  }

  #onRejected(unit: RunUnit, problem: Problem): void {
    const next = this.#leaders.pass(unit);
    if (next !== undefined) this.#again.push(next);
    this.#close(unit, problem);
  }

  #close({ slice, record }: RunUnit, how: 'accepted' | 'pending' | 'duplicate' | Problem): void {
    const state = slice.close(record, how);
    if (state !== undefined) this.#report(slice, record, state, slice.problemOf(record));
  }

  #report(slice: RunSlice, record: number, state: RecordState, problem?: Problem): void {
    if (state === 'rejected') this.#rejected += 1;
    const { onRecord, onPlain } = this.#options;
    if (onPlain !== undefined && problem === undefined && slice.isPlain(record)) onPlain(state);
    else {
      const { file } = slice;
      onRecord({ file, record: slice.recordAt(record), state, ...(problem && { problem }) });
    }
    slice.reported();
    if (state === 'rejected') this.#checkRejects(false);
  }

  #checkRejects(ended: boolean): void {
    const { rejectLimit } = this.#options;
    if (rejectLimit?.isExceeded(this.#read, this.#rejected, ended) !== true) return;
    this.#sender?.stop({ kind: 'too many rejects', allowed: rejectLimit.describe() });
  }
}
