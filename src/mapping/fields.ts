/**
 * The fields of Segment's *Send* action (contract.md, section 3): what may stand under `fields` in a mapping. `value`: one
 * value; `any`: an object with whatever keys; else an object with these.
 */
export const FIELDS: Readonly<Record<string, 'value' | 'any' | readonly string[]>> = {
  eventDetails: [
    'conversiontype',
    'confirmationref',
    'amount',
    'currency',
    'source_message_id',
    'timestamp_unixtime_ms',
  ],
  eventProperties: 'any',
  hashingConfiguration: ['hashEmail', 'hashFirstName', 'hashLastName', 'hashMobile', 'hashBillingZipcode'],
  device_info: [
    'http_header_user_agent',
    'ios_advertising_id',
    'android_advertising_id',
    'ios_idfv',
    'android_uuid',
  ],
  user_identities: ['email', 'customerid'],
  user_attributes: 'any',
  ip: 'value',
  audienceDetails: ['customAudienceName', 'customAudienceMembership'],
  engageAudienceName: 'value',
  computationAction: 'value',
  traitsOrProps: 'value',
  rtid: 'value',
};

/** What a workspace has in a mapping for Segment's own delivery; it means nothing here. */
export const IGNORED_FIELDS: ReadonlySet<string> = new Set(['batch_size', 'enable_batching']);
