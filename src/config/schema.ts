import { z } from 'zod';
import { SOURCE_PRESET_NAMES } from './source-presets.js';

/**
 * The schema of `rokt-capi.config.yaml` (design.md, section 4): what may stand in the file, checked on loading.
 * Unknown keys are errors everywhere but in `source.columns` and in `mappings[].fields`, whose names the mapping
 * station checks when it compiles them.
 */

const hashing = z
  .strictObject({
    email: z.boolean().optional().describe('Send `other` (SHA-256) instead of `email`.'),
    firstName: z.boolean().optional().describe('Send `firstnamesha256` instead of `firstname`.'),
    lastName: z.boolean().optional().describe('Send `lastnamesha256` instead of `lastname`.'),
    mobile: z.boolean().optional().describe('Send `mobilesha256` instead of `mobile`.'),
    billingZipcode: z.boolean().optional().describe('Send `billingzipsha256` instead of `billingzipcode`.'),
  })
  .describe("Shorthand for every mapping's hashingConfiguration. All false by default.");

const api = z
  .strictObject({
    pod: z
      .enum(['us1', 'us2', 'eu1', 'au1', 'inbound'])
      .optional()
      .describe('The host your account lives on. Default us2.'),
    endpoint: z
      .string()
      .min(1)
      .optional()
      .describe('The full base URL, ending in /v2, instead of a pod. ${NAME} takes an environment variable.'),
    environment: z
      .enum(['production', 'development'])
      .optional()
      .describe('Marks the data as real or as a test. Default production.'),
  })
  .describe('Where batches go.');

const source = z
  .strictObject({
    preset: z
      .enum(SOURCE_PRESET_NAMES)
      .optional()
      .describe('What the files are exports of: its columns and its groups of rows are then known.'),
    groupBy: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Column that the rows of one order have in common, where an order has a row for each of its items. Default: the preset's.",
      ),
    dateOrder: z
      .enum(['dmy', 'mdy'])
      .optional()
      .describe(
        'How to read 1/2/2026: dmy is 1 February, mdy is 2 January. Default: such a date is rejected.',
      ),
    columns: z
      .record(z.string(), z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]))
      .optional()
      .describe('Column name to the place, or places, in the event: properties.order_id.'),
    timezone: z
      .string()
      .min(1)
      .optional()
      .describe('IANA zone of timestamps that carry none, such as Europe/Berlin. Default UTC.'),
  })
  .describe('How to read rows that are not Segment events.');

const mapping = z.strictObject({
  name: z.string().min(1).describe('Your name for it; unique.'),
  preset: z
    .enum(['send', 'sync-engage-audience'])
    .optional()
    .describe('Whose trigger and fields are the defaults. Default send.'),
  trigger: z.string().min(1).optional().describe("FQL, as in Segment. Default: the preset's."),
  fields: z
    .record(z.string(), z.json())
    .optional()
    .describe("Segment's field names and directives; each key replaces the preset's default."),
});

const delivery = z
  .strictObject({
    batchesPerSecond: z
      .number()
      .positive()
      .max(1_000_000)
      .optional()
      .describe("Your account's rate limit in batches a second. Default 270."),
    concurrency: z.int().min(1).max(256).optional().describe('Requests in flight at once. Default 4.'),
    olderThan30Days: z
      .enum(['live', 'historical', 'reject'])
      .optional()
      .describe('What happens to events older than 30 days. Default live.'),
    giveUpAfter: z
      .union([z.string(), z.number()])
      .optional()
      .describe(
        'How long the endpoint may fail without a break before the run stops: 30s, 15m, 2h. Default 15m.',
      ),
    rememberFor: z
      .union([z.string(), z.number()])
      .optional()
      .describe(
        'How long a delivery is remembered: 90d. Default 90d; the server remembers batches for 30 to 60 days.',
      ),
    resendChanged: z
      .boolean()
      .optional()
      .describe(
        'Whether a record that was delivered, and since then has another content, is sent again. Default false.',
      ),
  })
  .describe('How fast, and what with old events.');

/** The whole file. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors: where the JSON Schema of this file is.'),
  version: z.literal(1).describe('Version of this format. Always 1.'),
  api: api.optional(),
  hashing: hashing.optional(),
  source: source.optional(),
  mappings: z
    .array(mapping)
    .min(1)
    .max(50)
    .optional()
    .describe('At most 50. Default: send and sync-engage-audience.'),
  delivery: delivery.optional(),
  state: z
    .string()
    .min(1)
    .optional()
    .describe('Directory for state and rejects files, relative to this file. Default .rokt-capi.'),
});

/** What a valid file holds, before defaults. */
export type ConfigFile = z.infer<typeof configSchema>;
