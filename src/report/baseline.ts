import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { UserError } from '../errors.js';
import { IDENTIFIERS } from '../payload/identifiers.js';
import type { Baseline } from './gates.js';

const share = z.object({ records: z.number(), share: z.number() });
/** What is needed of an earlier report, or of what `--json` printed. */
const quality = z.object({
  identifiers: z.object({ email: share, customerId: share, rtid: share, deviceId: share, ip: share }),
  several: share,
});
const report = z.union([
  z.pipe(
    z.object({ result: z.object({ quality }) }),
    z.transform((whole) => whole.result.quality),
  ),
  z.pipe(
    z.object({ quality }),
    z.transform((whole) => whole.quality),
  ),
]);

/**
 * Reads the shares of an earlier run.
 *
 * @param path of a JSON report, or of what `--json` printed.
 * @throws UserError `BASELINE_UNREADABLE`.
 */
export async function readBaseline(path: string): Promise<Baseline['quality']> {
  try {
    const parsed = report.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (parsed.success) return parsed.data;
  } catch (cause) {
    throw unreadable(path, cause);
  }
  throw unreadable(path, undefined);
}

function unreadable(file: string, cause: unknown): UserError {
  return new UserError(
    'BASELINE_UNREADABLE',
    'The baseline is not a JSON report of rokt-capi, or cannot be read.',
    {
      hint: `Write one with --report baseline.json; it has the shares of ${IDENTIFIERS.join(', ')}.`,
      place: { file },
      cause,
    },
  );
}
