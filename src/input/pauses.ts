/** A chunk of no bytes stands where a source pauses: a stream itself gives none such. */
const PAUSE = Buffer.alloc(0);

/** Whether a chunk stands for a pause, and holds nothing. */
export function isPause(chunk: Uint8Array): boolean {
  return chunk.length === 0;
}

/**
 * The same chunks, with pauses (see {@link isPause}) among them: one as soon as the source was waited for `afterMs` in
 * all, at once or a little for each chunk, since the first chunk after the last pause. A source that always has the next
 * chunk ready makes none.
 */
export async function* withPauses(chunks: AsyncIterable<Buffer>, afterMs: number): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  let leftMs = Number.POSITIVE_INFINITY;
  try {
    for (;;) {
      const startedAt = performance.now();
      const next = iterator.next();
      // Its failure is met where it is awaited; until then it is no unhandled one.
      next.catch(() => undefined);
      if (await takesLonger(next, leftMs)) {
        yield PAUSE;
        leftMs = Number.POSITIVE_INFINITY;
      }
      const result = await next;
      if (result.done === true) return;
      leftMs = leftMs === Number.POSITIVE_INFINITY ? afterMs : leftMs - (performance.now() - startedAt);
      yield result.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Whether something takes more than `ms`. Throws what it throws, where it does so before. */
async function takesLonger(awaited: Promise<unknown>, ms: number): Promise<boolean> {
  if (ms === Number.POSITIVE_INFINITY) return false;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      awaited.then(() => false),
      new Promise<true>((resolve) => {
        timer = setTimeout(() => resolve(true), Math.max(0, ms));
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
