import * as z from 'zod/mini';
import { SOURCE_PRESET_NAMES } from './source-presets.js';

/**
 * The schema of `rokt-capi.config.yaml` (design.md, section 4): what may stand in the file, checked on loading.
 * Unknown keys are errors everywhere but in `source.columns` and in `mappings[].fields`, whose names the mapping
 * station checks when it compiles them.
 */

const text = z.string().check(z.minLength(1));

const hashing = z
  .strictObject({
    email: z.optional(z.boolean()).check(z.describe('Send `other` (SHA-256) instead of `email`.')),
    firstName: z.optional(z.boolean()).check(z.describe('Send `firstnamesha256` instead of `firstname`.')),
    lastName: z.optional(z.boolean()).check(z.describe('Send `lastnamesha256` instead of `lastname`.')),
    mobile: z.optional(z.boolean()).check(z.describe('Send `mobilesha256` instead of `mobile`.')),
    billingZipcode: z
      .optional(z.boolean())
      .check(z.describe('Send `billingzipsha256` instead of `billingzipcode`.')),
  })
  .check(z.describe("Shorthand for every mapping's hashingConfiguration. All false by default."));

const api = z
  .strictObject({
    pod: z
      .optional(z.enum(['us1', 'us2', 'eu1', 'au1', 'inbound']))
      .check(z.describe('The host that serves your account. Default us2.')),
    endpoint: z
      .optional(text)
      .check(
        z.describe(
          'The full base URL, ending in /v2, instead of a pod. ${NAME} takes an environment variable.',
        ),
      ),
    environment: z
      .optional(z.enum(['production', 'development']))
      .check(z.describe('Marks the data as real or as a test. Default production.')),
  })
  .check(z.describe('Where batches go.'));

const source = z
  .strictObject({
    preset: z
      .optional(z.enum(SOURCE_PRESET_NAMES))
      .check(z.describe('Which system exported the files: this sets the columns and the grouping of rows.')),
    groupBy: z
      .optional(text)
      .check(
        z.describe(
          "Column that the rows of one order share, if an order has one row per item. Default: the preset's.",
        ),
      ),
    dateOrder: z
      .optional(z.enum(['dmy', 'mdy']))
      .check(
        z.describe(
          'How to read 1/2/2026: dmy is 1 February, mdy is 2 January. Default: such a date is rejected.',
        ),
      ),
    columns: z
      .optional(z.record(z.string(), z.union([text, z.array(text).check(z.minLength(1))])))
      .check(z.describe('Column name to the place, or places, in the event: properties.order_id.')),
    timezone: z
      .optional(text)
      .check(z.describe('IANA zone for timestamps without a zone, such as Europe/Berlin. Default UTC.')),
  })
  .check(z.describe('How to read rows that are not Segment events.'));

const mapping = z.strictObject({
  name: z.string().check(z.minLength(1), z.describe('Your name for the mapping; unique.')),
  preset: z
    .optional(z.enum(['send', 'sync-engage-audience']))
    .check(z.describe('The preset whose trigger and fields are the defaults. Default send.')),
  trigger: z
    .optional(text)
    .check(
      z.describe(
        "FQL, as in Segment. Default: the preset's; with source.preset, only what its system counts as an order.",
      ),
    ),
  fields: z
    .optional(z.record(z.string(), z.json()))
    .check(z.describe("Segment's field names and directives; each key replaces the preset's default.")),
});

const delivery = z
  .strictObject({
    batchesPerSecond: z
      .optional(z.number().check(z.positive(), z.maximum(1_000_000)))
      .check(z.describe("Your account's rate limit in batches a second. Default 270.")),
    concurrency: z
      .optional(z.int().check(z.minimum(1), z.maximum(256)))
      .check(z.describe('Requests in flight at once. Default 4.')),
    olderThan30Days: z
      .optional(z.enum(['live', 'historical', 'reject']))
      .check(z.describe('What happens to events older than 30 days. Default live.')),
    giveUpAfter: z
      .optional(z.union([z.string(), z.number()]))
      .check(
        z.describe(
          'How long the endpoint may fail without a break before the run stops: 30s, 15m, 2h. Default 15m.',
        ),
      ),
    rememberFor: z
      .optional(z.union([z.string(), z.number()]))
      .check(
        z.describe(
          'How long a delivery is remembered: 90d. Default 90d; the server remembers batches for 30 to 60 days.',
        ),
      ),
    resendChanged: z
      .optional(z.boolean())
      .check(
        z.describe('Whether a delivered record is sent again if its content has changed. Default false.'),
      ),
  })
  .check(z.describe('How fast to send, and what to do with old events.'));

/** The whole file. */
export const configSchema = z.strictObject({
  $schema: z.optional(z.string()).check(z.describe('For editors: where the JSON Schema of this file is.')),
  version: z.literal(1).check(z.describe('Version of this format. Always 1.')),
  api: z.optional(api),
  hashing: z.optional(hashing),
  source: z.optional(source),
  mappings: z
    .optional(z.array(mapping).check(z.minLength(1), z.maxLength(50)))
    .check(z.describe('At most 50. Default: send and sync-engage-audience.')),
  delivery: z.optional(delivery),
  state: z
    .optional(text)
    .check(z.describe('Directory for state and rejects files, relative to this file. Default .rokt-capi.')),
});

/** What a valid file holds, before defaults. */
export type ConfigFile = z.infer<typeof configSchema>;
