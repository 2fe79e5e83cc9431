/** The wire shapes of Rokt's Conversions API: contract.md, section 2. */

/** A value the API takes as an attribute. */
export type Scalar = string | number | boolean;
/** A user attribute: a scalar, or a list of scalars. */
export type UserAttribute = Scalar | readonly Scalar[];

/** What an event is: a conversion, or an audience membership change. */
export type EventKind =
  | { readonly event_name: 'conversion'; readonly custom_event_type: 'transaction' }
  | { readonly event_name: 'audiencemembershipupdate'; readonly custom_event_type: 'other' };

/** One event in a batch. */
export interface EventDataItem {
  readonly event_type: 'custom_event';
  readonly data: EventKind & {
    readonly source_message_id: string;
    readonly timestamp_unixtime_ms: number;
    readonly custom_attributes: Readonly<Record<string, Scalar>>;
  };
}

/** Everything of a batch that says who and where: batches may share a request item only when all of it is equal. */
export interface BatchSubject {
  readonly environment: 'production' | 'development';
  readonly device_info: {
    readonly http_header_user_agent?: string;
    readonly ios_advertising_id?: string;
    readonly android_advertising_id?: string;
    readonly ios_idfv?: string;
    readonly android_uuid?: string;
  };
  readonly user_identities: {
    readonly email?: string;
    readonly other?: string;
    readonly customerid?: string;
    /** The RTID. In JSON it stands under `integration_attributes` too (see `batch-json.ts`). */
    readonly other2?: string;
  };
  readonly ip?: string;
}

/** One batch without its `source_request_id`, which is made from the rest when it is packed. */
export interface BatchContent extends BatchSubject {
  readonly user_attributes: Readonly<Record<string, UserAttribute>>;
  /** Absent when there is none. */
  readonly events?: readonly EventDataItem[];
}

/** One batch as it goes over the wire. */
export interface Batch extends BatchContent {
  readonly source_request_id: string;
  readonly integration_attributes?: { readonly '1277': { readonly passbackconversiontrackingid: string } };
}
