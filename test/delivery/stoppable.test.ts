import { describe, expect, it } from 'vitest';
import { Stoppable } from '../../src/delivery/stoppable.js';

const never = new Promise<void>(() => undefined);

it('gives what there is, one after the other, and then nothing', async () => {
  const items = new Stoppable(
    (async function* () {
      yield* [1, 2];
    })(),
  );
  expect([await items.next(), await items.next(), await items.next()]).toEqual([1, 2, undefined]);
});

it('ends while an item is awaited that never comes, and takes none afterwards', async () => {
  let asked = 0;
  const items = new Stoppable({
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        asked += 1;
        if (asked > 1) await never;
        return { done: false, value: asked };
      },
    }),
  });
  expect(await items.next()).toBe(1);
  const waiting = items.next();
  items.stop();
  expect(await waiting).toBeUndefined();
  expect(await items.next()).toBeUndefined();
  expect(asked).toBe(2);
  items.close();
});

it('fails where the items fail, and lets go of them when it is closed', async () => {
  let isClosed = false;
  const items = new Stoppable({
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.reject(new Error('broken')),
      return: async () => {
        isClosed = true;
        throw new Error('again');
      },
    }),
  });
  await expect(items.next()).rejects.toThrow('broken');
  items.close();
  expect(isClosed).toBe(true);
});

describe('whether it has come to the end', () => {
  async function* from(last: Promise<unknown> = Promise.resolve()): AsyncGenerator<number> {
    yield 1;
    yield 2;
    await last;
  }

  it.each([
    ['all were taken', 2, true],
    ['one was left', 1, false],
  ])('shows after it was stopped: %s', async (_, taken, ended) => {
    const items = new Stoppable(from());
    for (let n = 0; n < taken; n += 1) await items.next();
    items.stop();
    expect(await items.isAtEnd(1_000)).toBe(ended);
  });

  it('shows after it has ended, and is not asked of what has failed', async () => {
    const whole = new Stoppable(from());
    while ((await whole.next()) !== undefined);
    expect(await whole.isAtEnd(1_000)).toBe(true);
    const broken = new Stoppable(from(Promise.reject(new Error('broken'))));
    await broken.next();
    await broken.next();
    await expect(broken.next()).rejects.toThrow('broken');
    expect(await broken.isAtEnd(1_000)).toBe(false);
  });

  it('is not so where an item came too late, or nothing comes in time', async () => {
    let goOn: (value: number) => void = () => undefined;
    const late = new Stoppable({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<number>((go) => (goOn = go)).then((value) => ({ done: false, value })),
      }),
    });
    const waiting = late.next();
    late.stop();
    expect(await waiting).toBeUndefined();
    goOn(1);
    expect(await late.isAtEnd(1_000)).toBe(false);
    const open = new Stoppable(from(never));
    await open.next();
    await open.next();
    open.stop();
    expect(await open.isAtEnd(10)).toBe(false);
  });
});
