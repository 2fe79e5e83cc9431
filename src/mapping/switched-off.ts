import type { RecordEvent } from '../input/input-record.js';
import type { RowColumns } from '../input/row-columns.js';
import { RowEvent } from '../input/row-event.js';
import { asBoolean } from '../input/values.js';
import type { Problem } from '../interfaces.js';
import { createGetter } from './path.js';

/** What the destination is called in `integrations`: by its plugin, and in Segment's catalog. */
const NAMES = ['Rokt Conversions API', 'Rokt Conversions API (Actions)'] as const;

/** Where it may stand that a call is switched off. */
const SWITCHES = [...NAMES, 'All'].map((name) => ['integrations', name]);

/** What is said of a call that is not sent for that. */
export const SWITCHED_OFF: Problem = {
  code: 'CALL_SWITCHED_OFF',
  message: 'The call is switched off for Rokt in its integrations; it is skipped, as by Segment.',
  field: 'integrations',
};

/**
 * Makes what tells whether a call is switched off for Rokt: by name, or with all destinations that are not named
 * (contract.md, section 5). Engage names those that an audience is connected to in Segment, which says nothing of Rokt.
 */
export function createSwitchReader(): (event: RecordEvent) => boolean {
  const named = NAMES.map((name) => createGetter(['integrations', name]));
  const all = createGetter(['integrations', 'All']);
  const computation = createGetter(['context', 'personas', 'computation_key']);
  const saysItIs = (event: RecordEvent): boolean => {
    let isNamed = false;
    for (const get of named) {
      const value = get(event);
      if (asBoolean(value) === false) return true;
      isNamed ||= value !== undefined && value !== null;
    }
    return !isNamed && asBoolean(all(event)) === false && typeof computation(event) !== 'string';
  };
  let columns: RowColumns | undefined;
  let mayBe = true;
  return (event) => {
    if (!(event instanceof RowEvent)) return saysItIs(event);
    // A table with a column of RTIDs, which are under a name, says nothing else there: then no row need be asked.
    if (event.columns !== columns) {
      columns = event.columns;
      mayBe = SWITCHES.some((keys) => event.columns.mayHold(keys));
    }
    return mayBe && saysItIs(event);
  };
}
