/** The limits of contract.md, section 1. What breaks them the server drops without a word. */

/** Event data items in one request, counted over every batch in it. */
export const MAX_EVENTS_PER_REQUEST = 100;
/** Batches in one request. */
export const MAX_BATCHES_PER_REQUEST = 100;
/** A request's body must be smaller than this, in bytes. */
export const MAX_REQUEST_BYTES = 262_144;
/** A batch, in bytes of its JSON. */
export const MAX_BATCH_BYTES = 131_072;
/** Custom attributes of one event. */
export const MAX_EVENT_ATTRIBUTES = 100;
/** User attributes of one batch. */
export const MAX_USER_ATTRIBUTES = 100;
/** An attribute's name, in UTF-16 code units. */
export const MAX_ATTRIBUTE_NAME = 256;
/** An attribute's value, in UTF-16 code units. */
export const MAX_ATTRIBUTE_VALUE = 4_096;
/** Entries of a list that is a user attribute. */
export const MAX_LIST_ENTRIES = 1_000;
/** One entry of such a list, in UTF-16 code units. */
export const MAX_LIST_ENTRY = 512;
