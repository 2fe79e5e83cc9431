import type { EndSignal, UserError } from '../errors.js';
import type { Problem } from '../interfaces.js';

/** What became of a unit. */
export type UnitOutcome =
  | { readonly kind: 'accepted' }
  /** The server refused it, standing alone, with this status and these words. */
  | { readonly kind: 'rejected'; readonly status: number; readonly message: string }
  /** The run stopped before it was settled. `arrived`: the server may have it. */
  | { readonly kind: 'pending'; readonly arrived: boolean };

/** Why a record is rejected of which the server refused a unit. */
export function refusalOf({ status, message }: Extract<UnitOutcome, { kind: 'rejected' }>): Problem {
  return {
    code: 'SERVER_REFUSED',
    message: `The server refused the record with ${status}; its words are in the rejects file.`,
    ...(message === '' ? {} : { detail: message }),
  };
}

/** An answer after which nothing more is sent: trying again does not help. */
export type FinalAnswer =
  /** 401 or 403. */
  | { readonly kind: 'unauthorized'; readonly status: number }
  /** 407 of a proxy, which passed nothing on. Each further try with this user and password may lock the account. */
  | { readonly kind: 'proxy unauthorized' }
  /** 2xx with a web page, which the API does not have: something between here and there answered, or another site. */
  | { readonly kind: 'web page'; readonly status: number }
  /** Any status that is no other answer: a redirect, 404. */
  | { readonly kind: 'unusable'; readonly status: number };

/** Why an upload ended before its time. `failing`: why the endpoint took nothing just then; absent where it did. */
export type StopReason =
  | FinalAnswer
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** The server asks for a longer pause, in ms, than the endpoint may fail for. */
  | { readonly kind: 'asked to wait'; readonly retryAfterMs: number }
  | { readonly kind: 'too many rejects'; readonly allowed: string }
  | { readonly kind: 'time budget'; readonly failing?: string }
  /** What is delivered cannot be recorded any more. */
  | { readonly kind: 'unrecorded'; readonly error: UserError }
  | { readonly kind: 'interrupted'; readonly signal: EndSignal; readonly failing?: string };
