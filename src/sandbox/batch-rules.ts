import { isIP } from 'node:net';
import * as z from 'zod/mini';

/**
 * The rules of contract.md, sections 1 and 2, as the server keeps them. Written apart from the payload station, and
 * sharing nothing with it, so that a mistake in one shows in the other.
 */

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const uuid = z.string().check(z.regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a UUID'));

const eventSchema = z.object({
  event_type: z.literal('custom_event'),
  data: z.object({
    event_name: z.string().check(z.minLength(1)),
    custom_event_type: z.enum(['transaction', 'other']),
    source_message_id: z.optional(z.string()),
    timestamp_unixtime_ms: z.optional(z.int()),
    custom_attributes: z.optional(z.record(z.string(), scalar)),
  }),
});

const batchSchema = z.strictObject({
  environment: z.enum(['production', 'development']),
  source_request_id: z.optional(z.string()),
  device_info: z.optional(
    z.strictObject({
      http_header_user_agent: z.optional(z.string()),
      ios_advertising_id: z.optional(uuid),
      android_advertising_id: z.optional(uuid),
      ios_idfv: z.optional(uuid),
      android_uuid: z.optional(z.string()),
    }),
  ),
  user_attributes: z.optional(z.record(z.string(), z.union([scalar, z.array(scalar)]))),
  user_identities: z.optional(
    z.strictObject({
      email: z.optional(z.string()),
      other: z.optional(z.string()),
      customerid: z.optional(z.string()),
      other2: z.optional(z.string()),
    }),
  ),
  integration_attributes: z.optional(z.record(z.string(), z.record(z.string(), z.string()))),
  ip: z.optional(z.string().check(z.refine((text) => isIP(text) !== 0, 'must be an ip address'))),
  events: z.optional(z.array(eventSchema)),
});

const requestSchema = z.array(batchSchema);
const ENGLISH = { error: z.locales.en().localeError };

/** A batch that has the right shape. */
export type ReceivedBatch = z.infer<typeof batchSchema>;

/** The batches of a request, or the message of the 400 that refuses all of it. */
export type ReadRequest =
  | { readonly kind: 'batches'; readonly batches: readonly ReceivedBatch[] }
  | { readonly kind: 'bad'; readonly message: string };

const MAX_PER_REQUEST = 100;

/** Reads a request's body. `bulk`: a list of batches is expected, else one batch. */
export function readRequest(body: string, bulk: boolean): ReadRequest {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { kind: 'bad', message: 'The body is not valid JSON.' };
  }
  const parsed = requestSchema.safeParse(bulk ? value : [value], ENGLISH);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { kind: 'bad', message: `[${issue?.path.join('.') ?? ''}] ${issue?.message ?? 'is not valid'}` };
  }
  const events = parsed.data.reduce((sum, batch) => sum + (batch.events?.length ?? 0), 0);
  if (parsed.data.length > MAX_PER_REQUEST || events > MAX_PER_REQUEST) {
    return {
      kind: 'bad',
      message: `A request holds at most ${MAX_PER_REQUEST} batches and ${MAX_PER_REQUEST} events.`,
    };
  }
  return { kind: 'batches', batches: parsed.data };
}

const HISTORICAL_AGE_MS = 72 * 3_600_000;

/** Why the server drops a batch that it has answered with 202, or undefined where it keeps it. */
export function dropReason(batch: ReceivedBatch, historical: boolean, nowMs: number): string | undefined {
  if (Buffer.byteLength(JSON.stringify(batch)) > 128 * 1024) return 'batch over 128 KB';
  if (Object.keys(batch.user_attributes ?? {}).length > 100) return 'over 100 user attributes';
  for (const [name, value] of Object.entries(batch.user_attributes ?? {})) {
    if (name.length > 256) return 'user attribute name over 256 characters';
    if (Array.isArray(value) && (value.length > 1000 || value.some((entry) => String(entry).length > 512))) {
      return 'user attribute list over its limits';
    }
    if (typeof value === 'string' && value.length > 4096) return 'user attribute value over 4,096 characters';
  }
  for (const { data } of batch.events ?? []) {
    const attributes = Object.entries(data.custom_attributes ?? {});
    if (attributes.length > 100) return 'over 100 event attributes';
    if (attributes.some(([name]) => name.length > 256)) return 'event attribute name over 256 characters';
    if (attributes.some(([, value]) => String(value).length > 4096))
      return 'event attribute value over 4,096 characters';
  }
  if (!historical) return undefined;
  if ((batch.events ?? []).length === 0) return 'historical batch without events';
  const young = (batch.events ?? []).some(
    ({ data }) =>
      data.timestamp_unixtime_ms === undefined || nowMs - data.timestamp_unixtime_ms < HISTORICAL_AGE_MS,
  );
  return young ? 'historical event without a timestamp, or under 72 hours old' : undefined;
}
