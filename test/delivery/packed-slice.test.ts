import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type PackedSlice, Packer } from '../../src/delivery/packed-slice.js';
import type { PreparedRecord } from '../../src/payload/prepare.js';
import { conversion } from '../helpers/units.js';

const OPTIONS = { separate: false, bodies: true };

/** A record of one of a few users, ready to be sent; without a user, one that cannot be. */
function record(line: number, user: string | undefined): PreparedRecord {
  const source = { kind: 'object', value: {} } as const;
  if (user === undefined) {
    const problem = { code: 'IDENTIFIER_MISSING', message: 'Nobody.' } as const;
    return { line, source, warnings: [], outcome: { kind: 'rejected', problem } };
  }
  const id = `m-${line}`;
  const deliveries = [conversion(id, { user })];
  return { line, source, messageId: id, warnings: [], outcome: { kind: 'ready', messageId: id, deliveries } };
}

const plain = (slice: PackedSlice) => ({ ...slice, bodies: Buffer.from(slice.bodies).toString() });

it('a packer gives each slice what a fresh one would, whatever it packed before', () => {
  const users = fc.array(fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(users, { minLength: 2, maxLength: 5 }), (slices) => {
      const packer = new Packer(OPTIONS);
      for (const slice of slices) {
        const fresh = new Packer(OPTIONS);
        for (const [index, user] of slice.entries()) {
          packer.add(record(index + 2, user));
          fresh.add(record(index + 2, user));
        }
        const taken = packer.take();
        expect(plain(taken)).toEqual(plain(fresh.take()));
        if (taken.bodies.buffer instanceof ArrayBuffer) packer.lend(taken.bodies.buffer);
      }
    }),
    { numRuns: 50 },
  );
});
