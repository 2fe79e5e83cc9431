/**
 * The shapes that pass between the stations of `src/`, all immutable plain data. Those of records read are in
 * `input/input-record.ts`, the wire shapes of Rokt's API in `payload/wire.ts`, the config's in `config/config.ts`.
 */

import type { Code } from './codes.js';

/** Any JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
/** A JSON object. A key may be absent, hence `undefined`. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/**
 * Why a record cannot be delivered, or what it lost on the way (a warning). Holds no value from the record: it could
 * be personal data.
 */
export interface Problem {
  /** Stable, upper-case, for scripts: `TIMESTAMP_UNREADABLE`. */
  readonly code: Code;
  /** One sentence: what is wrong and what to do. The same text for the same cause, so that it can be counted. */
  readonly message: string;
  /** The field of the payload, or the column of the file, that it is about; absent when it is the whole record. */
  readonly field?: string;
  /** The server's own words, where it was the server that refused. Only for the rejects file: they may quote a value. */
  readonly detail?: string;
}

/** A problem of a file, and not of one of its records. */
export interface FileProblem {
  readonly file: string;
  /** 1-based line that it is about: of a table, that of the header. */
  readonly line: number;
  readonly problem: Problem;
}

/** The one state in which every record read ends (design.md, promise 1). */
export type RecordState = 'accepted' | 'duplicate' | 'skipped' | 'rejected' | 'pending';

/** What makes two deliveries the same one: the event's id, and the mapping that it went through. */
export interface DeliveryKey {
  readonly messageId: string;
  /** The mapping's name. */
  readonly mapping: string;
}

/** Which delivery, and of which content; see `delivery-id.ts`. */
export type DeliveryId = Uint32Array;

/** Deliveries that were sent as one batch whose answer never came. They are sent again only together. */
export interface InFlightGroup {
  /** How many deliveries the batch held. */
  readonly size: number;
}

/** What a {@link DeliveryLog} knows of a delivery. `changed`: its content was another one then. */
export type DeliveryStatus =
  | { readonly kind: 'unknown' }
  /** `run`: the number of the run that delivered it, 0 where it has none. */
  | {
      readonly kind: 'delivered';
      readonly changed: boolean;
      readonly byThisRun: boolean;
      readonly run: number;
    }
  /** The server may have it. `run`: as above, that sent it. `position`: 0-based, in the batch that it was sent in. */
  | {
      readonly kind: 'in flight';
      readonly changed: boolean;
      readonly run: number;
      readonly group: InFlightGroup;
      readonly position: number;
    };

/** How an announced delivery ended. */
export type DeliveryEnd =
  | 'accepted'
  /** The server refused it for what is in it. */
  | 'refused'
  /** It was not sent after all, or certainly did not arrive. */
  | 'unsent';

/** Gives deliveries their ids, and says what need not be prepared. */
export interface DeliveryIds {
  /** The id, its content not yet in it. */
  identify(key: DeliveryKey): DeliveryId;
  /** Whether it was accepted before this run, with whatever content: however much of this one is done already. */
  isDelivered(id: DeliveryId): boolean;
}

/** One of the state's sorted files, for another thread to read. */
export interface SharedSegment {
  readonly path: string;
  /** What its entries are found by, in memory that threads share: of millions of entries each would hold as much again. */
  readonly footer: Uint8Array;
}

/** Plain data from which {@link DeliveryIds} can be made in another thread. */
export interface SharedIds {
  readonly scope: string;
  /** The state's sorted files, as they are when the run begins. */
  readonly segments: readonly SharedSegment[];
  /** What was accepted before, in Unix seconds, has expired. */
  readonly oldest: number;
}

/** What was delivered, and what may have been: how a run knows what an earlier one did. */
export interface DeliveryLog extends DeliveryIds {
  /** What a worker needs to give the same ids; undefined where only the log itself can. */
  readonly shared: SharedIds | undefined;
  /** Whether the server may have something of earlier runs of which it is not known. */
  readonly inDoubt: boolean;
  /** What is known of the delivery whose id is at `at` in `ids`. */
  status(ids: Uint32Array, at: number): DeliveryStatus;
  /**
   * Notes what is about to be sent as which batches. A request may leave only after this resolved.
   *
   * @param ids of all deliveries, one after the other; the log keeps the array as its own.
   * @param sizes how many deliveries each batch holds.
   * @returns the number of the first delivery; the others follow in order.
   * @throws UserError where it cannot be noted.
   */
  announce(ids: Uint32Array, sizes: Uint32Array): Promise<number>;
  /**
   * Notes how some ended, once; resolves when that will not be forgotten. What has no end when the log is closed may be
   * with the server or not.
   *
   * @throws UserError where it cannot be noted.
   */
  end(numbers: Uint32Array, how: DeliveryEnd): Promise<void>;
}

/**
 * A run of whole records cut from one input file: what a worker can parse with nothing else but the `SliceReader` of
 * that file. UTF-8 without a byte order mark, whatever the file's encoding was.
 */
export interface Slice {
  readonly bytes: Uint8Array;
  /** 1-based line of the file on which `bytes` begins. */
  readonly line: number;
  /** Set where `bytes` is the beginning of one record that cannot be read at all. */
  readonly problem?: Problem;
  /** Set where `bytes` is empty, and nothing more has come for a while: what came before is not to wait for it. */
  readonly pause?: true;
}

/** What is needed to write a record into the rejects file as it was read. */
export type RecordSource =
  /** A row of a table: its header names and its cells. */
  | { readonly kind: 'row'; readonly columns: readonly string[]; readonly cells: readonly string[] }
  /** A JSON object. */
  | { readonly kind: 'object'; readonly value: JsonObject }
  /** Text that could not be parsed. `table`: that it is a row of. */
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly table?: { readonly columns: readonly string[]; readonly delimiter: string };
    };

/**
 * A Segment event, as `contract.md`, section 3, has it. `messageId` and `type` are always there after the input
 * station; everything else is as the file had it.
 */
export interface SegmentEvent extends JsonObject {
  readonly type: string;
  readonly messageId: string;
}

/** See `InputOptions`. */
export interface GroupBy {
  readonly column: string;
  /** Whether it is an error where a table has no such column. */
  readonly required: boolean;
}

/** How input becomes records; the same for all files of a run. */
export interface InputOptions {
  /** Overrides what content and name say. */
  readonly format?: InputFormat;
  /**
   * The event name for records that have none (`--event`). Absent: `DEFAULT_EVENT`, but for Segment's track calls, which
   * stay without, so that a call that is broken is no order, as in Segment.
   */
  readonly event?: string;
  /** Column name (as in the header, trimmed) to the places in the event it goes to (`properties.order_id`). */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** The column that the rows of one record have in common; absent: each row is a record. */
  readonly groupBy?: GroupBy;
  /**
   * What the list of records may be called where a JSON file holds one object with it; default: then the object is the
   * one record.
   */
  readonly lists?: readonly string[];
  /**
   * After this time, in ms, that a pipe was waited for what has come of it is given on; absent: it waits until it fills
   * a slice, so that slices are the same however the pipe was written to.
   */
  readonly pauseMs?: number;
}

/** The formats an input file can have. */
export type InputFormat = 'csv' | 'ndjson' | 'json';
