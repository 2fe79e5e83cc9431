import type { Pause } from '../delivery/circuit.js';
import type { StopReason } from '../delivery/outcome.js';
import { EXIT, EXIT_BY_SIGNAL, type ExitCode } from '../errors.js';

/** The exit code of a run that came to its end (design.md, section 3). */
export function exitCodeOf(stopReason: StopReason | undefined, rejected: number): ExitCode {
  switch (stopReason?.kind) {
    case undefined:
      return rejected > 0 ? EXIT.rejected : EXIT.ok;
    case 'unauthorized':
      return EXIT.credentials;
    case 'interrupted':
      return EXIT_BY_SIGNAL[stopReason.signal];
    case 'proxy unauthorized':
    case 'web page':
    case 'unusable':
    case 'unreachable':
    case 'asked to wait':
    case 'too many rejects':
    case 'time budget':
    case 'unrecorded':
      return EXIT.pending;
  }
}

/** Why a run stopped early, in a sentence that says what to do. */
export function describeStop(reason: StopReason): string {
  switch (reason.kind) {
    case 'unauthorized':
      return `the server refused the credentials (${reason.status}): check ROKT_CAPI_API_KEY and ROKT_CAPI_API_SECRET, and that they belong to this endpoint.`;
    case 'proxy unauthorized':
      return 'the proxy answered 407, it wants another user and password: set them in HTTPS_PROXY (http://user:password@host:port).';
    case 'web page':
      return `a web page answered (${reason.status}) instead of the API: check whether the network requires a login, and check the endpoint's address.`;
    case 'unusable':
      return `the endpoint answered ${reason.status}${isRedirect(reason.status) ? ', a redirect, which is not followed: check whether the network requires a login, and' : ':'} check the endpoint's address; it ends in /v2.`;
    case 'unreachable':
      return `the endpoint kept failing for as long as delivery.giveUpAfter allows: ${reason.reason}.`;
    case 'asked to wait':
      return `the server asks for a pause of ${Math.ceil(reason.retryAfterMs / 1000)} s, which is longer than delivery.giveUpAfter.`;
    case 'too many rejects':
      return `more records were rejected than --max-rejects ${reason.allowed} allows: see the reasons above.`;
    case 'time budget':
      return `the time of --max-duration is over; ${describeEnd(reason.failing)}`;
    case 'unrecorded':
      return `${reason.error.message} Nothing more was sent.`;
    case 'interrupted':
      return `interrupted by ${reason.signal}; ${describeEnd(reason.failing)}`;
  }
}

/** What is told besides of a run that may not have read all of its input. */
export const UNREAD = 'Records that had not been read by then are not in these numbers.';

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function describeEnd(failing: string | undefined): string {
  return failing === undefined
    ? 'requests in flight were finished.'
    : `the endpoint was failing until then: ${failing}.`;
}

/** That the endpoint is taken to be down, as a line for standard error. */
export function describePause({ failures, reason, waitMs, giveUpInMs }: Pause): string {
  return `The endpoint failed ${failures} times in a row (${reason}). Pausing for ${inWords(waitMs)}; giving up in ${inWords(giveUpInMs)}.\n`;
}

function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds <= 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
