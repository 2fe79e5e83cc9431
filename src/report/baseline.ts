import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { UserError } from '../errors.js';
import { IDENTIFIERS } from '../payload/identifiers.js';
import type { Baseline } from './gates.js';

const share = z.object({ records: z.number(), share: z.number() });
const quality = z.object({
  records: z.number(),
  identifiers: z.object({ email: share, customerId: share, rtid: share, deviceId: share, ip: share }),
  several: share,
});
/** Of a run that read no record there is no quality. */
const result = z.union([
  z.object({ quality }),
  z.object({ read: z.number(), quality: z.optional(z.undefined()) }),
]);
/** What is needed of an earlier report, or of what `--json` printed. */
const report = z.union([
  z.pipe(
    z.object({ result }),
    z.transform((whole) => whole.result),
  ),
  result,
]);

/**
 * Reads the shares of an earlier run.
 *
 * @param path of a JSON report, or of what `--json` printed.
 * @throws UserError `BASELINE_UNREADABLE`.
 */
export async function readBaseline(path: string): Promise<Baseline['quality']> {
  const { success, data } = report.safeParse(await readJson(path));
  if (!success) throw unreadable(path, undefined);
  if (data.quality !== undefined && data.quality.records > 0) return data.quality;
  throw new UserError('BASELINE_UNREADABLE', 'The baseline is of a run without records to compare with.', {
    hint: 'Keep the report of a run that had some: not of a night without orders, nor of a file that was delivered before.',
    place: { file: path },
  });
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw unreadable(path, cause);
  }
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
