import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { UserError } from '../errors.js';
import { IDENTIFIERS } from '../payload/identifiers.js';
import type { Gates } from '../report/checks.js';
import { compareConfigs, showAgainst } from './against.js';
import type { ValidateOptions } from './options.js';
import { send } from './send.js';

/** By how much a share may fall where `--tolerance` does not say. */
const DEFAULT_TOLERANCE = 0.05;

/**
 * `rokt-capi validate`: everything but the network, gates that the input has to pass, and how its batches differ
 * from those of another config. Sets the exit code.
 *
 * @throws UserError for wrong usage and config; `OPTION_CONFLICT`, `BASELINE_UNREADABLE`.
 */
export async function validate(files: readonly string[], options: ValidateOptions): Promise<void> {
  const { against, baseline, maxRejects, require = [], show } = options;
  if (options.tolerance !== undefined && baseline === undefined) {
    throw new UserError('OPTION_CONFLICT', '--tolerance only goes with --baseline.', {
      hint: 'Add --baseline with an earlier JSON report, or take --tolerance away.',
    });
  }
  const tolerance = options.tolerance ?? DEFAULT_TOLERANCE;
  if (against !== undefined && show !== undefined) return showAgainst(files, { ...options, against, show });
  const gates: Gates = {
    maxRejects,
    require,
    baseline: baseline === undefined ? undefined : { quality: await readBaseline(baseline), tolerance },
  };
  const comparison = against === undefined ? undefined : await compareConfigs(files, { ...options, against });
  const alsoRead = [against, baseline].filter((file) => file !== undefined);
  await send(files, { ...options, dryRun: true }, { gates, comparison, alsoRead });
}

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

async function readBaseline(path: string): Promise<z.infer<typeof quality>> {
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
    'The baseline is no report of this program, or cannot be read.',
    {
      hint: `Make one with --report baseline.json; it has the shares of ${IDENTIFIERS.join(', ')}.`,
      place: { file },
      cause,
    },
  );
}
