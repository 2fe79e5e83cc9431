import { type Dispatcher, errors } from 'undici';

/** As much of an answer's body as is kept for its message, in bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** There was no connection that the request could have been sent on; its cause, where another error is that. */
export class NotSent extends Error {}

/** What a server answered. */
export interface Response {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  /** The beginning of its body. */
  readonly text: string;
}

/**
 * Sends one request and reads its answer. Takes what comes as it comes: a stream for each of a hundred answers a second,
 * which are mostly empty, would cost more than the request.
 *
 * @param answerMs from the beginning of the answer to its end: else one that goes on and on would hold up the run for ever.
 * @throws what undici does, `RequestAbortedError` when `signal` aborts; {@link NotSent} where nothing was sent.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal,
  answerMs: number,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let headers: Response['headers'] = {};
    let length = 0;
    const chunks: Buffer[] = [];
    const abort = (): void => {
      if (controller === undefined) reject(new NotSent('The run ended before there was a connection.'));
      else controller.abort(new errors.RequestAbortedError());
    };
    let limit: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(limit);
      signal.removeEventListener('abort', abort);
    };
    signal.addEventListener('abort', abort);
    dispatcher.dispatch(request, {
      onRequestStart: (started) => {
        controller = started;
        if (signal.aborted) abort();
      },
      // Called for informational answers too; the last one counts.
      onResponseStart: (_, code, fields) => {
        limit ??= setTimeout(() => controller?.abort(new errors.BodyTimeoutError()), answerMs);
        status = code;
        headers = fields;
      },
      onResponseData: (_, chunk) => {
        if (length < MAX_BODY_BYTES) chunks.push(chunk);
        length += chunk.length;
      },
      onResponseEnd: () => {
        end();
        resolve({ status, headers, text: Buffer.concat(chunks).toString('utf8') });
      },
      onResponseError: (_, error) => {
        end();
        reject(controller === undefined ? new NotSent('There is no connection.', { cause: error }) : error);
      },
    });
  });
}
