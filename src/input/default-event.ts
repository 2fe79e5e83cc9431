/** The event that a row is, or a record that does not say what it is, where `--event` names no other. */
export const DEFAULT_EVENT = 'Order Completed';
