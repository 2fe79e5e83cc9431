import { UserError } from '../errors.js';
import type { DeliveryOptions } from './options.js';

/**
 * Checks that the options of a run do not contradict each other.
 *
 * @throws UserError `OPTION_CONFLICT`.
 */
export function checkConflicts(options: DeliveryOptions, fileCount: number): void {
  const dryRun = options.dryRun === true;
  if (options.out !== undefined && !dryRun) {
    throw new UserError('OPTION_CONFLICT', '--out only goes with --dry-run.', {
      hint: 'Add --dry-run to write the batches instead of sending them.',
    });
  }
  if (
    options.show !== undefined &&
    (!dryRun || fileCount !== 1 || options.out !== undefined || options.report !== undefined)
  ) {
    throw new UserError(
      'OPTION_CONFLICT',
      '--show needs --dry-run and exactly one file, and excludes --out and --report.',
      {
        hint: 'Write rokt-capi send FILE --dry-run --show LINE.',
      },
    );
  }
  if (options.sandbox === true && options.endpoint !== undefined) {
    throw new UserError('OPTION_CONFLICT', '--sandbox and --endpoint name two destinations.', {
      hint: 'Keep one of them.',
    });
  }
}
