import type { RecordEvent } from '../input/input-record.js';
import { asBoolean } from '../input/values.js';
import type { JsonValue, Problem } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import type { FieldReader } from '../mapping/field-reader.js';
import { createGetter } from '../mapping/path.js';
import { asText, isNothing, single } from './values.js';
import type { BatchContent, BatchSubject, EventDataItem } from './wire.js';

/** An audience, and whether the user is to be in it. */
export interface Membership {
  readonly name: string;
  readonly member: boolean;
}

/** What Engage computes of audiences alone. Of a computed trait, a 1 is a number of something, and a t may be a size. */
const AUDIENCES: ReadonlySet<string> = new Set(['audience', 'journey_step']);

/**
 * Makes what reads the audience and the membership off an event: of Engage where it says both, else of
 * `audienceDetails` (contract.md, section 3). Undefined where neither says both; with a warning where a membership is
 * neither true nor false. A call of a table that has other columns than those of its traits has properties too: where
 * these say nothing of the audience, the traits do.
 */
export function createMembershipReader(
  fields: FieldReader,
): (event: RecordEvent, warnings: Problem[]) => Membership | undefined {
  const engageOf = fields.whole('engageAudienceName');
  const actionOf = fields.whole('computationAction');
  const bagOf = fields.whole('traitsOrProps');
  const [propertiesOf, traitsOf] = [createGetter(['properties']), createGetter(['traits'])];
  const nameOf = fields.part('audienceDetails', 'customAudienceName');
  const memberOf = fields.part('audienceDetails', 'customAudienceMembership');
  return (event, warnings) => {
    const engage = asText(engageOf(event));
    const action = asText(actionOf(event));
    let unread: string | undefined;
    if (engage !== undefined && action !== undefined) {
      const bag = bagOf(event);
      const besides = bag === propertiesOf(event) ? traitsOf(event) : undefined;
      const value = valueIn(bag, engage) ?? valueIn(besides, engage);
      const isAudience = AUDIENCES.has(action);
      const member = isAudience ? asMembership(value) : asBoolean(value);
      if (member !== undefined) return { name: engage, member };
      if (isAudience && !isNothing(value)) unread = 'traitsOrProps';
    }
    const name = asText(nameOf(event));
    if (name !== undefined) {
      const value = single(memberOf(event));
      const member = asMembership(value);
      if (member !== undefined) return { name, member };
      if (!isNothing(value)) unread ??= 'audienceDetails.customAudienceMembership';
    }
    if (unread !== undefined) warnings.push(unreadableMembership(unread));
    return undefined;
  };
}

function valueIn(bag: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(bag) ? bag[name] : undefined;
}

/** What to say of a membership that is neither true nor false. */
export function unreadableMembership(field: string): Problem {
  return {
    code: 'MEMBERSHIP_UNREADABLE',
    message: 'The membership is neither true nor false, so no change of the audience is sent.',
    field,
  };
}

const WORD =
  /^\s*(?:(t|1(?:\.0)?|y|yes|wahr|ja|vrai|oui|verdadero|s[iíì]|vero|verdadeiro|sim|waar)|f|0(?:\.0)?|no?|falsch|nein|faux|non|falso|não|onwaar|nee)\s*$/iu;

/**
 * As {@link asBoolean}; also as PostgreSQL and Redshift export a boolean (`t`), MySQL and SQL Server (`1`, which is a number
 * in JSON), pandas where some are unknown (`1.0`), and people (`yes`); and as Excel and people write it in German, French,
 * Spanish, Italian, Portuguese and Dutch (`FALSCH`, `nein`).
 */
export function asMembership(value: JsonValue | undefined): boolean | undefined {
  if (value === 1 || value === 0) return value === 1;
  const boolean = asBoolean(value);
  if (boolean !== undefined || typeof value !== 'string') return boolean;
  const match = WORD.exec(value);
  return match === null ? undefined : match[1] !== undefined;
}

/** An audience membership change, as an event data item. `timestampMs`: Unix ms. */
export function membershipItem(
  audience: string,
  status: 'add' | 'drop',
  messageId: string,
  timestampMs: number,
): EventDataItem {
  return {
    event_type: 'custom_event',
    data: {
      event_name: 'audiencemembershipupdate',
      custom_event_type: 'other',
      source_message_id: `aud_${messageId}`,
      timestamp_unixtime_ms: timestampMs,
      custom_attributes: { audience_name: audience, status },
    },
  };
}

/** The audience membership change in a batch; undefined where there is none. */
export function membershipIn({ events = [] }: BatchContent): Membership | undefined {
  for (const { data } of events) {
    const { audience_name: name, status } = data.custom_attributes;
    if (data.event_name === 'audiencemembershipupdate' && typeof name === 'string') {
      return { name, member: status === 'add' };
    }
  }
  return undefined;
}

/** The batch that takes a person out of an audience: who they were when they were added, and nothing else of them. */
export function dropBatch(
  subject: BatchSubject,
  audience: string,
  messageId: string,
  timestampMs: number,
): BatchContent {
  return {
    ...subject,
    user_attributes: { [`segment_${audience}`]: false },
    events: [membershipItem(audience, 'drop', messageId, timestampMs)],
  };
}
