import { parseAmount } from '../input/amount.js';
import type { RecordEvent } from '../input/input-record.js';
import type { JsonValue, Problem } from '../interfaces.js';
import { Rejection } from '../mapping/errors.js';
import type { FieldReader } from '../mapping/field-reader.js';
import { checkValue, createPropertiesReader } from './attributes.js';
import { MAX_EVENT_ATTRIBUTES } from './limits.js';
import type { PlainValues } from './plain-values.js';
import { idTextOf, isNothing, single, textOf, tooManyAttributes } from './values.js';
import type { EventDataItem, Scalar } from './wire.js';

/**
 * Makes what reads the custom attributes of a conversion off an event; undefined where there is no `conversiontype`, and
 * so no conversion (contract.md, section 3). What it gives throws Rejection for what breaks a limit or is no amount.
 */
export function createConversionReader(
  fields: FieldReader,
): (event: RecordEvent, plain: PlainValues, warnings: Problem[]) => Record<string, Scalar> | undefined {
  const typeOf = fields.part('eventDetails', 'conversiontype');
  const referenceOf = fields.part('eventDetails', 'confirmationref');
  const currencyOf = fields.part('eventDetails', 'currency');
  const amountOf = fields.part('eventDetails', 'amount');
  const readProperties = createPropertiesReader(fields);
  return (event, plain, warnings) => {
    const conversiontype = textOf(typeOf(event), 'eventDetails.conversiontype', warnings);
    if (conversiontype === undefined) return undefined;
    const attributes = readProperties(event, plain, warnings);
    // What eventProperties says under one of these names counts, as in Segment, but for nothing; and it is read alike.
    const type = textOf(attributes.conversiontype, 'eventProperties.conversiontype', warnings);
    attributes.conversiontype = type ?? checkValue(conversiontype, 'eventDetails.conversiontype', plain);
    const reference =
      idTextOf(attributes.confirmationref, 'eventProperties.confirmationref', warnings) ??
      checkValue(
        idTextOf(referenceOf(event), 'eventDetails.confirmationref', warnings),
        'eventDetails.confirmationref',
        plain,
      );
    if (reference !== undefined) attributes.confirmationref = reference;
    else if (attributes.confirmationref !== undefined) delete attributes.confirmationref;
    const amount =
      readAmount(attributes.amount, 'eventProperties.amount') ??
      readAmount(amountOf(event), 'eventDetails.amount');
    if (amount !== undefined) attributes.amount = amount;
    else if (attributes.amount !== undefined) delete attributes.amount;
    const currency =
      textOf(attributes.currency, 'eventProperties.currency', warnings) ??
      checkValue(
        textOf(currencyOf(event), 'eventDetails.currency', warnings),
        'eventDetails.currency',
        plain,
      );
    if (currency !== undefined) attributes.currency = currency;
    else if (attributes.currency !== undefined) delete attributes.currency;
    if (Object.keys(attributes).length > MAX_EVENT_ATTRIBUTES) {
      throw tooManyAttributes('eventProperties', MAX_EVENT_ATTRIBUTES);
    }
    return attributes;
  };
}

/** A conversion with these custom attributes, as an event data item. `timestampMs`: Unix ms. */
export function conversionItem(
  attributes: Readonly<Record<string, Scalar>>,
  messageId: string,
  timestampMs: number,
): EventDataItem {
  return {
    event_type: 'custom_event',
    data: {
      event_name: 'conversion',
      custom_event_type: 'transaction',
      source_message_id: messageId,
      timestamp_unixtime_ms: timestampMs,
      custom_attributes: attributes,
    },
  };
}

function readAmount(given: JsonValue | undefined, field: string): number | undefined {
  const value = single(given);
  if (isNothing(value)) return undefined;
  const amount = typeof value === 'string' ? parseAmount(value) : value;
  if (typeof amount === 'number' && Number.isFinite(amount)) return amount;
  throw new Rejection({
    code: 'AMOUNT_UNREADABLE',
    message: 'The amount cannot be read as one number; write 1234.50 (1,234 alone could mean two things).',
    field,
  });
}
