/**
 * The fields of Segment's *Send* action (contract.md, section 3): what may stand under `fields` in a mapping. `free`
 * objects take any further key.
 */
export const FIELDS: Readonly<
  Record<string, 'value' | { readonly keys: readonly string[]; readonly free: boolean }>
> = {
  eventDetails: {
    keys: [
      'conversiontype',
      'confirmationref',
      'amount',
      'currency',
      'source_message_id',
      'timestamp_unixtime_ms',
    ],
    free: false,
  },
  eventProperties: { keys: [], free: true },
  hashingConfiguration: {
    keys: ['hashEmail', 'hashFirstName', 'hashLastName', 'hashMobile', 'hashBillingZipcode'],
    free: false,
  },
  device_info: {
    keys: [
      'http_header_user_agent',
      'ios_advertising_id',
      'android_advertising_id',
      'ios_idfv',
      'android_uuid',
    ],
    free: false,
  },
  user_identities: { keys: ['email', 'customerid'], free: false },
  user_attributes: {
    keys: ['firstname', 'lastname', 'mobile', 'billingzipcode', 'dob', 'gender'],
    free: true,
  },
  ip: 'value',
  audienceDetails: { keys: ['customAudienceName', 'customAudienceMembership'], free: false },
  engageAudienceName: 'value',
  computationAction: 'value',
  traitsOrProps: 'value',
  rtid: 'value',
};

/** What a workspace has in a mapping for Segment's own delivery; it means nothing here. */
export const IGNORED_FIELDS: ReadonlySet<string> = new Set(['batch_size', 'enable_batching']);
