import * as z from 'zod/mini';
import { MAX_BATCHES_PER_SECOND, MAX_CONCURRENCY } from './delivery-limits.js';
import { SOURCE_PRESET_NAMES } from './source-presets.js';

/**
 * The schema of `rokt-capi.config.yaml` (design.md, section 4): what may stand in the file, checked on loading.
 * Unknown keys are errors everywhere but in `source.columns` and in `mappings[].fields`, whose names the mapping
 * station checks when it compiles them.
 */

/** What may be left out, with what it is for. */
function setting<Schema extends z.core.$ZodType>(
  schema: Schema,
  description: string,
): z.ZodMiniOptional<Schema> {
  return z.optional(schema).check(z.describe(description));
}

const text = z.string().check(z.minLength(1));

const hashing = z
  .strictObject({
    email: setting(z.boolean(), 'Send `other` (SHA-256) instead of `email`.'),
    firstName: setting(z.boolean(), 'Send `firstnamesha256` instead of `firstname`.'),
    lastName: setting(z.boolean(), 'Send `lastnamesha256` instead of `lastname`.'),
    mobile: setting(z.boolean(), 'Send `mobilesha256` instead of `mobile`.'),
    billingZipcode: setting(z.boolean(), 'Send `billingzipsha256` instead of `billingzipcode`.'),
  })
  .check(z.describe("Shorthand for every mapping's hashingConfiguration. All false by default."));

const api = z
  .strictObject({
    pod: setting(
      z.enum(['us1', 'us2', 'eu1', 'au1', 'inbound']),
      'The host that serves your account. Default us2.',
    ),
    endpoint: setting(
      text,
      'The full base URL, ending in /v2, instead of a pod. ${NAME} takes an environment variable.',
    ),
    environment: setting(
      z.enum(['production', 'development']),
      'Marks the data as real or as a test. Default production.',
    ),
  })
  .check(z.describe('Where batches go.'));

const source = z
  .strictObject({
    preset: setting(
      z.enum(SOURCE_PRESET_NAMES),
      'Which system exported the files: this sets the columns, the grouping of rows, and what is an order.',
    ),
    groupBy: setting(
      text,
      "Column that the rows of one order share, if a table has one row per item; JSON is not grouped. Default: the preset's.",
    ),
    dateOrder: setting(
      z.enum(['dmy', 'mdy']),
      'How to read 1/2/2026: dmy is 1 February, mdy is 2 January. Default: an event with such a date is rejected, such a birthday left out.',
    ),
    columns: setting(
      z.record(z.string(), z.union([text, z.array(text).check(z.minLength(1))])),
      'Column name to the place, or places, in the event: properties.order_id.',
    ),
    timezone: setting(text, 'IANA zone for timestamps without a zone, such as Europe/Berlin. Default UTC.'),
  })
  .check(z.describe('How to read rows that are not Segment events.'));

const mapping = z.strictObject({
  name: z.string().check(z.minLength(1), z.describe('Your name for the mapping; unique.')),
  preset: setting(
    z.enum(['send', 'sync-engage-audience']),
    'The preset whose trigger and fields are the defaults. Default send.',
  ),
  trigger: setting(
    text,
    "FQL, as in Segment. Default: the preset's; with source.preset, only what its system counts as an order.",
  ),
  fields: setting(
    z.record(z.string(), z.json()),
    "Segment's field names and directives; each key replaces the preset's default.",
  ),
});

const delivery = z
  .strictObject({
    batchesPerSecond: setting(
      z.number().check(z.positive(), z.maximum(MAX_BATCHES_PER_SECOND)),
      `Your account's rate limit in batches a second, above 0, at most ${MAX_BATCHES_PER_SECOND}. Default 270.`,
    ),
    concurrency: setting(
      z.int().check(z.minimum(1), z.maximum(MAX_CONCURRENCY)),
      `Requests in flight at once, 1 to ${MAX_CONCURRENCY}. Default 4.`,
    ),
    olderThan30Days: setting(
      z.enum(['live', 'historical', 'reject']),
      'What happens to events older than 30 days. Default live.',
    ),
    giveUpAfter: setting(
      z.union([z.string(), z.number()]),
      'How long the endpoint may fail without a break before the run stops: 30s, 15m, 2h. Default 15m.',
    ),
    rememberFor: setting(
      z.union([z.string(), z.number()]),
      'How long a delivery is remembered: 90d. Default 90d; the server remembers batches for 30 to 60 days.',
    ),
    resendChanged: setting(
      z.boolean(),
      'Whether a delivered record is sent again if its content has changed. Default false.',
    ),
  })
  .check(z.describe('How fast to send, and what to do with old events.'));

/** The whole file. */
export const configSchema = z.strictObject({
  $schema: setting(z.string(), 'For editors: where the JSON Schema of this file is.'),
  version: z.literal(1).check(z.describe('Version of this format. Always 1.')),
  api: z.optional(api),
  hashing: z.optional(hashing),
  source: z.optional(source),
  mappings: setting(
    z.array(mapping).check(z.minLength(1), z.maxLength(50)),
    'At most 50. Default: send and sync-engage-audience.',
  ),
  delivery: z.optional(delivery),
  state: setting(text, 'Directory for state and rejects files, relative to this file. Default .rokt-capi.'),
});

/** What a valid file holds, before defaults. */
export type ConfigFile = z.infer<typeof configSchema>;
