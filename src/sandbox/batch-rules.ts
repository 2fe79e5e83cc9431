import { isIP } from 'node:net';
import { z } from 'zod';

/**
 * The rules of contract.md, sections 1 and 2, as the server keeps them. Written apart from the payload station, and
 * sharing nothing with it, so that a mistake in one shows in the other.
 */

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a UUID');

const eventSchema = z.object({
  event_type: z.literal('custom_event'),
  data: z.object({
    event_name: z.string().min(1),
    custom_event_type: z.enum(['transaction', 'other']),
    source_message_id: z.string().optional(),
    timestamp_unixtime_ms: z.int().optional(),
    custom_attributes: z.record(z.string(), scalar).optional(),
  }),
});

const batchSchema = z.strictObject({
  environment: z.enum(['production', 'development']),
  source_request_id: z.string().optional(),
  device_info: z
    .strictObject({
      http_header_user_agent: z.string().optional(),
      ios_advertising_id: uuid.optional(),
      android_advertising_id: uuid.optional(),
      ios_idfv: uuid.optional(),
      android_uuid: z.string().optional(),
    })
    .optional(),
  user_attributes: z.record(z.string(), z.union([scalar, z.array(scalar)])).optional(),
  user_identities: z
    .strictObject({
      email: z.string().optional(),
      other: z.string().optional(),
      customerid: z.string().optional(),
      other2: z.string().optional(),
    })
    .optional(),
  integration_attributes: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  ip: z
    .string()
    .refine((text) => isIP(text) !== 0, 'must be an ip address')
    .optional(),
  events: z.array(eventSchema).optional(),
});

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
  const parsed = z.array(batchSchema).safeParse(bulk ? value : [value]);
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
