import type { RecordEvent } from '../input/input-record.js';
import type { Problem } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import type { FieldReader } from '../mapping/field-reader.js';
import { FIELDS } from '../mapping/fields.js';
import { isNothing } from './values.js';

/** Fields that are objects, but for `hashingConfiguration`, of which anything else costs the record. */
const OBJECTS = Object.keys(FIELDS).filter(
  (name) => FIELDS[name] !== 'value' && name !== 'hashingConfiguration',
);

/**
 * Makes what warns of a field that a directive makes as a whole, and that is no object then: a text with JSON in it has
 * none of the parts that would be sent.
 *
 * @returns undefined where each field is written part by part, as nearly always.
 */
export function createShapeCheck(
  fields: FieldReader,
): ((event: RecordEvent, warnings: Problem[]) => void) | undefined {
  const made = OBJECTS.filter((field) => fields.parts(field) === undefined);
  if (made.length === 0) return undefined;
  const wholes = made.map((field) => ({ field, whole: fields.whole(field) }));
  return (event, warnings) => {
    for (const { field, whole } of wholes) {
      const value = whole(event);
      if (isNothing(value) || isJsonObject(value)) continue;
      warnings.push({
        code: 'FIELD_NOT_OBJECT',
        message:
          'What the mapping makes of all of the field is no object with names and values; it is left out.',
        field,
      });
    }
  };
}
