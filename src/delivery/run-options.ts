import type { DeliveryLog, RecordState } from '../interfaces.js';
import type { PackedSlice } from './packed-slice.js';
import type { RejectLimit } from './reject-limit.js';
import type { SettledRecord } from './run-record.js';

/** What a `DeliveryRun` works with. */
export interface DeliveryRunOptions {
  readonly log: DeliveryLog;
  /** Whether what earlier runs delivered is delivered again. */
  readonly resend: boolean;
  /** Whether a delivery whose content has changed is another one. */
  readonly resendChanged: boolean;
  readonly rejectLimit: RejectLimit | undefined;
  /** If given, called when a slice is taken over: from then on every record of it will be reported. */
  readonly onTaken?: ((packed: PackedSlice) => void) | undefined;
  /** Called exactly once for every record, in no certain order, unless `onPlain` was. */
  readonly onRecord: (record: SettledRecord) => void;
  /** If given, called instead for a record with nothing to report but its state. */
  readonly onPlain?: ((state: RecordState) => void) | undefined;
}
