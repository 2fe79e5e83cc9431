import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { randomFrom } from '../faults/random.js';

/** The files of a benchmark. */
export interface BenchData {
  /** Orders in `csv` and `ndjson`, members in the audiences. */
  readonly rows: number;
  readonly csv: string;
  readonly ndjson: string;
  readonly audience: string;
  /** The same audience with 5 % of its members replaced. */
  readonly audienceLater: string;
  /** 500 orders. */
  readonly small: string;
  /** Five times the orders of `csv`. */
  readonly large?: string;
}

const FIRST = ['Alexandra', 'Ben', 'Chloe', 'Dmitri', 'Eleanor', 'Fatima'];
const LAST = ['Montgomery', 'Li', 'Oyelaran', 'Schmidt', 'Garcia', "O'Neill"];
const DAY_MS = 86_400_000;

/**
 * Writes the files for `rows` orders and as many members; the same for the same seed. 211 bytes a CSV row.
 *
 * @param options `large`: whether also the file of five times the orders is wanted.
 */
export function writeData(
  directory: string,
  { rows, seed, large }: { readonly rows: number; readonly seed: number; readonly large: boolean },
): BenchData {
  const csv = join(directory, 'orders.csv');
  const ndjson = join(directory, 'orders.ndjson');
  const small = join(directory, 'small.csv');
  const fiveTimes = join(directory, 'large.csv');
  writeOrders(csv, rows, seed, ndjson);
  writeOrders(small, 500, seed);
  if (large) writeOrders(fiveTimes, rows * 5, seed);
  const replaced = Math.floor(rows * 0.05);
  return {
    rows,
    csv,
    small,
    ...(large ? { large: fiveTimes } : {}),
    ndjson,
    audience: writeAudience(join(directory, 'audience.csv'), 0, rows),
    audienceLater: writeAudience(join(directory, 'audience-later.csv'), replaced, rows),
  };
}

/** Writes orders as a table, and the same as Segment's events where `ndjson` names a file for them. */
export function writeOrders(csv: string, rows: number, seed: number, ndjson?: string): void {
  const random = randomFrom(seed);
  const start = Date.now() - 20 * DAY_MS;
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const header =
    'Order Number,Paid at,Email,First Name,Last Name,Phone,Postal Code,Total,Currency,IP,User Agent,rtid,Coupon,Item\n';
  const table = lineWriter(csv, header);
  const events = ndjson === undefined ? undefined : lineWriter(ndjson, '');
  for (let n = 0; n < rows; n += 1) {
    const time = new Date(start + Math.floor(random() * 19 * DAY_MS)).toISOString();
    const [first, last] = [pick(FIRST), pick(LAST)];
    const email = `${first}.${last}.${n}@example.com`.replace("'", '').toLowerCase();
    const phone = `+1 415 555 ${1000 + (n % 9000)}`;
    const zip = `${10_000 + (n % 89_999)}`;
    const total = (random() * 500).toFixed(2);
    const ip = `203.0.113.${n % 256}`;
    const agent = 'Mozilla/5.0 (X11; Linux) Safari/60';
    const rtid = Math.floor(random() * 2 ** 52)
      .toString(16)
      .padStart(16, '0');
    const item = `Cups, set of ${n % 12}, "blue"`;
    table.write(
      `${100_000 + n},${time},${email},${first},${last},${phone},${zip},${total},USD,${ip},${agent},${rtid},SAVE${n % 90},"${item.replaceAll('"', '""')}"\n`,
    );
    events?.write(
      `${JSON.stringify({
        type: 'track',
        event: 'Order Completed',
        messageId: `message-${n}`,
        timestamp: time,
        userId: `user-${n}`,
        properties: { order_id: `${100_000 + n}`, revenue: Number(total), currency: 'USD', item },
        context: {
          ip,
          userAgent: agent,
          page: { search: `?rtid=${rtid}` },
          traits: { plan: 'free' },
        },
        traits: { email, first_name: first, last_name: last, phone, address: { postal_code: zip } },
      })}\n`,
    );
  }
  table.end();
  events?.end();
}

function writeAudience(path: string, from: number, count: number): string {
  const file = lineWriter(path, 'user_id,email,first_name,phone\n');
  for (let n = from; n < from + count; n += 1) {
    file.write(`user-${n},customer.number${n}@example.com,Alexandra,+1 415 555 ${n}\n`);
  }
  file.end();
  return path;
}

function lineWriter(path: string, header: string): { write(line: string): void; end(): void } {
  const descriptor = openSync(path, 'w');
  let held = header;
  return {
    write: (line) => {
      held += line;
      if (held.length < 1 << 20) return;
      writeSync(descriptor, held);
      held = '';
    },
    end: () => {
      writeSync(descriptor, held);
      closeSync(descriptor);
    },
  };
}
