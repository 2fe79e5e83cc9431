/** Codes in use that a Node may not know yet; VED is one of no Node so far. */
const NEWER = ['SLE', 'VED', 'XCG', 'ZWG'];

/** The codes of ISO 4217. */
export const CURRENCY_CODES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('currency'), ...NEWER]);
