import { diffBatches, type FieldChange } from '../payload/batch-diff.js';
import type { PreparedRecord } from '../payload/prepare.js';
import { emptyGroup, enter, type Group, groupOf, mostFrequentFirst, problemName } from './group.js';

/** Fields may be named by the data: no more than these, and no more reasons, are told apart. */
const MOST_FIELDS = 500;

/** What another config would make of the same input. Holds no value of any record. */
export interface Comparison {
  /** The file of the config that the records are compared with. */
  readonly against: string;
  /** Records whose batches are the same with both. */
  readonly same: number;
  /** Records that both send, with other batches. */
  readonly differ: Group;
  /** Records that only this config sends. */
  readonly onlyNow: Group;
  /** Records that only the other config sends. */
  readonly onlyBefore: Group;
  /** Records that neither sends. */
  readonly neither: number;
  /** Why records are not sent any more. */
  readonly reasons: readonly (Group & { readonly reason: string })[];
  /** Mappings that match records with one of the configs only. */
  readonly mappings: readonly (Group & { readonly mapping: string; readonly change: 'added' | 'removed' })[];
  /** Fields that differ where a mapping sends a record with both. */
  readonly fields: readonly (Group & { readonly field: string; readonly change: Change })[];
  /** Records that were delivered with the other config, and would be once more: their id or their mapping is another. */
  readonly again: Group;
}

type Change = 'added' | 'removed' | 'changed';

/** What became of one delivery of a record: the mapping that makes it, and the fields that differ. */
export interface DeliveryChange {
  readonly mapping: string;
  readonly change: Change;
  readonly fields: readonly FieldChange[];
}

/** The deliveries of a record that differ between two configs. A record that is not read so has none. */
export function diffRecords(
  before: PreparedRecord | undefined,
  now: PreparedRecord | undefined,
): DeliveryChange[] {
  const then = deliveriesOf(before);
  const after = deliveriesOf(now);
  const mappings = new Set([...then.keys(), ...after.keys()]);
  return [...mappings].flatMap((mapping): DeliveryChange[] => {
    const [from, to] = [then.get(mapping), after.get(mapping)];
    if (from?.json === to?.json && from?.route === to?.route) return [];
    const change = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed';
    return [{ mapping, change, fields: diffBatches(from, to) }];
  });
}

function deliveriesOf(record: PreparedRecord | undefined) {
  const deliveries = record?.outcome.kind === 'ready' ? record.outcome.deliveries : [];
  return new Map(deliveries.map((delivery) => [delivery.mapping, delivery]));
}

/** Whether two batches have the same fields in another order, which is as good as equal. */
export function isOfOrderAlone({ change, fields }: DeliveryChange): boolean {
  return change === 'changed' && fields.length === 0;
}

/** What a {@link Comparer} has to know. */
interface ComparerOptions {
  /** The file of the other config. */
  readonly against: string;
  /** Whether the two send to different endpoints or environments: then every delivery is another one. */
  readonly isElsewhere: boolean;
  /** Whether a delivery with another content is another one. */
  readonly resendChanged: boolean;
}

/** Compares record by record, and keeps counts and the first few places alone. */
export class Comparer {
  readonly #options: ComparerOptions;
  readonly #counts = { same: 0, neither: 0 };
  readonly #groups = {
    differ: emptyGroup(),
    onlyNow: emptyGroup(),
    onlyBefore: emptyGroup(),
    again: emptyGroup(),
  };
  readonly #reasons = new Map<string, Group & { readonly reason: string }>();
  readonly #mappings = new Map<string, Comparison['mappings'][number]>();
  readonly #fields = new Map<string, Comparison['fields'][number]>();

  constructor(options: ComparerOptions) {
    this.#options = options;
  }

  /** Enters one record of a file; undefined where only one of the configs reads a record there. */
  add(file: string, before: PreparedRecord | undefined, now: PreparedRecord | undefined): void {
    const line = now?.line ?? before?.line ?? 0;
    const [wasSent, isSent] = [before?.outcome.kind === 'ready', now?.outcome.kind === 'ready'];
    if (!wasSent && !isSent) {
      this.#counts.neither += 1;
      return;
    }
    const changes = diffRecords(before, now);
    const { differ, onlyNow, onlyBefore, again } = this.#groups;
    if (wasSent && isSent && this.#isAgain(before, now, changes)) enter(again, file, line);
    if (changes.every(isOfOrderAlone)) {
      this.#counts.same += 1;
      return;
    }
    enter(wasSent ? (isSent ? differ : onlyBefore) : onlyNow, file, line);
    if (!isSent) {
      const own = reasonOf(now);
      const isNamed = this.#reasons.has(own) || this.#reasons.size < MOST_FIELDS;
      const reason = isNamed ? own : 'another reason';
      enter(groupOf(this.#reasons, reason, { reason }), file, line);
    }
    for (const { mapping, change, fields } of changes) {
      if (change === 'changed') this.#addFields(fields, file, line);
      else if (isTold(before) && isTold(now))
        enter(groupOf(this.#mappings, `${change} ${mapping}`, { mapping, change }), file, line);
    }
  }

  /** Whether what was delivered with the other config would be delivered again. */
  #isAgain(
    before: PreparedRecord | undefined,
    now: PreparedRecord | undefined,
    changes: readonly DeliveryChange[],
  ): boolean {
    const { isElsewhere, resendChanged } = this.#options;
    if (isElsewhere || before?.messageId !== now?.messageId) return true;
    return changes.some(({ change }) => change === 'added' || (resendChanged && change === 'changed'));
  }

  #addFields(fields: readonly FieldChange[], file: string, line: number): void {
    for (const { field, before, now } of fields) {
      const change = before === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
      const key = `${change} ${field}`;
      if (!this.#fields.has(key) && this.#fields.size >= MOST_FIELDS) continue;
      enter(groupOf(this.#fields, key, { field, change }), file, line);
    }
  }

  /** What was found; the most frequent first. */
  take(): Comparison {
    return {
      against: this.#options.against,
      ...this.#counts,
      ...this.#groups,
      reasons: mostFrequentFirst(this.#reasons),
      mappings: mostFrequentFirst(this.#mappings),
      fields: mostFrequentFirst(this.#fields),
    };
  }
}

/** Whether it is known which mappings match: of a rejected record only one of them was looked at. */
function isTold(record: PreparedRecord | undefined): boolean {
  return record !== undefined && record.outcome.kind !== 'rejected';
}

function reasonOf(record: PreparedRecord | undefined): string {
  if (record === undefined) return 'part of another record';
  const { outcome } = record;
  if (outcome.kind === 'rejected') return `rejected: ${problemName(outcome.problem)}`;
  return outcome.kind === 'delivered' ? 'duplicate' : 'skipped';
}
