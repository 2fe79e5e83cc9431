import type { SourcePresetName } from '../config/source-presets.js';
import type { AllowedRejects } from '../delivery/reject-limit.js';
import type { InputFormat } from '../interfaces.js';
import type { Requirement } from '../report/gates.js';

/** The options of every command that delivers, as parsed. */
export interface DeliveryOptions {
  readonly config?: string;
  readonly endpoint?: string;
  readonly dryRun?: boolean;
  readonly out?: string;
  readonly sandbox?: boolean;
  readonly format?: InputFormat;
  /** See `InputOptions`. */
  readonly event?: string;
  readonly rejects?: string;
  /** Batches a second. */
  readonly rate?: number;
  readonly concurrency?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly strict?: boolean;
  /** With more rejected records a run stops, and `validate` fails. */
  readonly maxRejects?: AllowedRejects;
  /** Deliver again what earlier runs delivered. */
  readonly resend?: boolean;
  /** False with --no-state: nothing is known of earlier runs, and nothing left for later ones. Else the directory. */
  readonly state?: string | false;
  /** How long to wait for another run on the same state, in ms. */
  readonly wait?: number;
  /** In ms. */
  readonly maxDuration?: number;
  readonly acceptChanged?: boolean;
  /** The 1-based line of the record to show, in place of the summary. */
  readonly show?: number;
  /** Report files to write; their names say the format. */
  readonly report?: readonly string[];
}

/** The options of `send`, as parsed. */
export interface SendOptions extends DeliveryOptions {
  /** Worker threads; default: one for each core that there is memory for. */
  readonly workers?: number;
}

/** The options of `validate`, as parsed. */
export interface ValidateOptions extends SendOptions {
  /** Shares that identifiers must reach. */
  readonly require?: readonly Requirement[];
  /** Another config, to compare what both make of the input. */
  readonly against?: string;
  /** The JSON report of an earlier run to compare with. */
  readonly baseline?: string;
  /** By how much (0 to 1) a share may have fallen since; goes with a baseline. Default: 0.05. */
  readonly tolerance?: number;
}

/** The options of `sync-audience`, as parsed. */
export interface SyncAudienceOptions extends Omit<DeliveryOptions, 'event'> {
  /** The audience's name. */
  readonly audience?: string;
  /** An earlier snapshot, which takes the place of the state. */
  readonly previous?: string;
  /** Largest share (0 to 1) of the members that may leave. */
  readonly maxDrop: number;
  readonly allowEmpty?: boolean;
  /** Send every member again. */
  readonly full?: boolean;
}

/** The options of `serve-plugin`, as parsed. */
export interface ServePluginOptions {
  readonly html?: boolean;
  readonly esm?: boolean;
  readonly sri?: boolean;
  readonly out?: string;
  readonly port?: number;
  readonly host: string;
  /** Default: `rtid`, `rclid`. */
  readonly queryParam?: readonly string[];
  readonly storageKey: string;
  /** Ms. */
  readonly expires: number;
  readonly integrationName: string;
  readonly requireConsent?: boolean;
}

/** The options of `runs`, as parsed. */
export interface RunsOptions {
  readonly event?: string;
  readonly audiences?: boolean;
  readonly config?: string;
  readonly state?: string;
  readonly json?: boolean;
}

/** The options of `doctor`, as parsed. */
export interface DoctorOptions {
  readonly config?: string;
  readonly endpoint?: string;
  readonly state?: string;
  readonly json?: boolean;
}

/** The options of `init`, as parsed. */
export interface InitOptions {
  /** Where to write. */
  readonly config?: string;
  readonly preset?: SourcePresetName;
  /** Ask nothing. */
  readonly yes?: boolean;
  /** Write over what is there. */
  readonly force?: boolean;
}

/** The options of `sandbox`, as parsed. */
export interface SandboxOptions {
  readonly host: string;
  readonly port: number;
  /** Batches a second; 0 for no limit. */
  readonly rate: number;
  readonly out?: string;
  /** Ms before each answer. */
  readonly latency: number;
}
