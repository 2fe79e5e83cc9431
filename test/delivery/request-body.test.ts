import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RequestBodies } from '../../src/delivery/request-body.js';
import { batchesFor, conversion, jsonOf } from '../helpers/units.js';

it('a body is a list of the batches as they are sent alone, wherever they come from and whoever was passed over', () => {
  const users = fc.array(fc.constantFrom('a', 'b', 'c', undefined), { maxLength: 8 });
  const slices = fc.array(users, { minLength: 1, maxLength: 3 });
  const bodies = new RequestBodies();
  fc.assert(
    fc.property(slices, fc.infiniteStream(fc.boolean()), (all, wanted) => {
      const batches = all
        .flatMap((slice, at) =>
          batchesFor(slice.map((user, n) => conversion(`é${at}-${n}`, user === undefined ? {} : { user }))),
        )
        .filter(() => wanted.next().value);
      fc.pre(batches.length > 0);
      // Its memory is used again by the next run of this, but not that of the other one.
      const [body, other] = [bodies.make(batches), bodies.make(batches.slice(-1))];
      expect(Buffer.from(body).toString()).toBe(`[${batches.map(jsonOf).join(',')}]`);
      expect(Buffer.from(other).toString()).toBe(`[${batches.slice(-1).map(jsonOf).join('')}]`);
      bodies.giveBack(body);
    }),
  );
});
