import type { InputRecord, RecordEvent } from '../input/input-record.js';
import type { DeliveryIds, Problem, RecordSource } from '../interfaces.js';
import type { CompiledMapping } from '../mapping/compile.js';
import { createSwitchReader, SWITCHED_OFF } from '../mapping/switched-off.js';
import { batchJson } from './batch-json.js';
import { Delivery } from './delivery.js';
import type { PayloadOptions } from './options.js';
import { createPayloadBuilder, type PayloadResult } from './payload.js';

/** What is to be done with a record. */
export type Outcome =
  /** No mapping's trigger matched, or the call is switched off for Rokt. */
  | { readonly kind: 'skipped' }
  /** Every mapping whose trigger matches has delivered it in an earlier run. */
  | { readonly kind: 'delivered' }
  | { readonly kind: 'rejected'; readonly problem: Problem }
  /** At least one delivery that was not made in an earlier run. */
  | { readonly kind: 'ready'; readonly messageId: string; readonly deliveries: readonly Delivery[] };

/** A record after mapping and payload: the last thing that is known of it before the network. */
export interface PreparedRecord {
  /** 1-based line on which the record starts. */
  readonly line: number;
  readonly source: RecordSource;
  /** The event's id; absent where the record could not be read. */
  readonly messageId?: string;
  /** What the record lost on the way, or why it is skipped though a trigger matched; empty for a rejected one. */
  readonly warnings: readonly Problem[];
  readonly outcome: Outcome;
}

/**
 * Makes a function that takes a record through every mapping whose trigger matches, as Segment does. A record that one
 * mapping cannot deliver is rejected as a whole, so that it can be fixed and sent again as a whole. A call that is
 * switched off for Rokt goes through none.
 *
 * @param ids gives deliveries their ids, and says what need not be prepared since it was delivered before.
 */
export function createPreparer(
  mappings: readonly CompiledMapping[],
  options: PayloadOptions,
  ids: DeliveryIds,
): (record: InputRecord) => PreparedRecord {
  const builders = mappings.map(({ name, matches, fields }) => ({
    name,
    matches,
    build: createPayloadBuilder(fields, options),
  }));
  const isSwitchedOff = createSwitchReader();
  return ({ line, source, content }) => {
    if (content.kind === 'unreadable') {
      return { line, source, warnings: [], outcome: { kind: 'rejected', problem: content.problem } };
    }
    const { event } = content;
    const { messageId } = event;
    const deliveries: Delivery[] = [];
    const warnings: Problem[] = [];
    const delivered: Builder[] = [];
    for (const builder of builders) {
      const { name, matches, build } = builder;
      if (!matches(event)) continue;
      if (isSwitchedOff(event))
        return { line, source, messageId, warnings: [SWITCHED_OFF], outcome: { kind: 'skipped' } };
      const id = ids.identify({ messageId, mapping: name });
      if (ids.isDelivered(id)) {
        delivered.push(builder);
        continue;
      }
      const result = build(event);
      if (result.kind === 'rejected') return { line, source, messageId, warnings: [], outcome: result };
      const [problem] = result.warnings;
      if (options.strict && problem !== undefined) {
        return { line, source, messageId, warnings: [], outcome: { kind: 'rejected', problem } };
      }
      const delivery = new Delivery(name, id, result.payload);
      if (deliveries.length > 0 && deliveries.some((other) => other.json === delivery.json)) continue;
      deliveries.push(delivery);
      for (const warning of result.warnings) {
        if (!warnings.some((other) => other.code === warning.code && other.field === warning.field)) {
          warnings.push(warning);
        }
      }
    }
    const fresh =
      delivered.length === 0 || deliveries.length === 0
        ? deliveries
        : withoutThoseOf(delivered, event, deliveries);
    if (fresh.length === 0) {
      const kind = delivered.length > 0 ? 'delivered' : 'skipped';
      return { line, source, messageId, warnings, outcome: { kind } };
    }
    return { line, source, messageId, warnings, outcome: { kind: 'ready', messageId, deliveries: fresh } };
  };
}

/** A mapping, and what makes a batch with it. */
interface Builder {
  readonly name: string;
  readonly matches: CompiledMapping['matches'];
  readonly build: (event: RecordEvent) => PayloadResult;
}

/**
 * The deliveries whose batch is not that of a mapping that has `delivered` in an earlier run: of two mappings that make the
 * same batch only the first one's is ever sent.
 */
function withoutThoseOf(
  delivered: readonly Builder[],
  event: RecordEvent,
  deliveries: readonly Delivery[],
): readonly Delivery[] {
  const made = new Set(
    delivered
      .map(({ build }) => build(event))
      .map((result) => (result.kind === 'batch' ? batchJson(result.payload.batch) : '')),
  );
  return deliveries.filter(({ json }) => !made.has(json));
}
