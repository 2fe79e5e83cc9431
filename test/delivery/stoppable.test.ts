import { expect, it } from 'vitest';
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
