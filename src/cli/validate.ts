import { UserError } from '../errors.js';
import { readBaseline } from '../report/baseline.js';
import type { Gates } from '../report/gates.js';
import { compareConfigs, showAgainst } from './against.js';
import { checkConflicts } from './option-conflicts.js';
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
      hint: 'Add --baseline with an earlier JSON report, or remove --tolerance.',
    });
  }
  const tolerance = options.tolerance ?? DEFAULT_TOLERANCE;
  const [file] = files;
  if (against !== undefined && show !== undefined && file !== undefined) {
    checkConflicts({ ...options, dryRun: true }, files.length);
    return showAgainst(file, { ...options, against, show });
  }
  const gates: Gates = {
    maxRejects,
    require,
    baseline: baseline === undefined ? undefined : { quality: await readBaseline(baseline), tolerance },
  };
  const comparison = against === undefined ? undefined : await compareConfigs(files, { ...options, against });
  const alsoRead = [against, baseline].filter((file) => file !== undefined);
  await send(files, { ...options, dryRun: true }, { gates, comparison, alsoRead });
}
