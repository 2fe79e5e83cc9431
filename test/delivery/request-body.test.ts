import fc from 'fast-check';
import { expect, it } from 'vitest';
import { requestBody } from '../../src/delivery/request-body.js';
import { batchesFor, conversion, jsonOf } from '../helpers/units.js';

it('is a list of the batches as they are sent alone, wherever they come from and whoever was passed over', () => {
  const users = fc.array(fc.constantFrom('a', 'b', 'c', undefined), { maxLength: 8 });
  const slices = fc.array(users, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(slices, fc.infiniteStream(fc.boolean()), (all, wanted) => {
      const batches = all
        .flatMap((slice, at) =>
          batchesFor(slice.map((user, n) => conversion(`é${at}-${n}`, user === undefined ? {} : { user }))),
        )
        .filter(() => wanted.next().value);
      fc.pre(batches.length > 0);
      expect(Buffer.from(requestBody(batches)).toString()).toBe(`[${batches.map(jsonOf).join(',')}]`);
    }),
  );
});
