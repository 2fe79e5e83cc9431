import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DELIVERY_ID_WORDS, hasSameContent } from '../../src/delivery-id.js';
import { batchJson } from '../../src/payload/batch-json.js';
import { JsonWriter } from '../../src/payload/json-writer.js';
import { bodyOf, contentOf, writeBody } from '../../src/payload/source-request-id.js';
import type { Batch, BatchContent } from '../../src/payload/wire.js';
import { conversion } from '../helpers/units.js';

/** The id of a batch, as RFC 9562 makes a UUIDv5; it must never change: the server knows batches of earlier versions by it. */
function idOf(batch: BatchContent): string {
  const namespace = Buffer.from('6d1f0c52a7e94c5f8b0a4e2f9d3b7c61', 'hex');
  const digest = createHash('sha1').update(namespace).update(batchJson(batch)).digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const NOON = 1_793_534_400_000;
const batch = fc.tuple(fc.string(), fc.string({ unit: 'grapheme' })).map(([id, padding]) => {
  return conversion(id, { padding }).batch;
});

it('a batch has an id made from its content alone, whatever was written before it, and in whatever memory', () => {
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 5 }), fc.nat(255), (batches, byte) => {
      const writer = new JsonWriter(Buffer.alloc(64, byte));
      for (const each of batches) {
        const start = writer.end;
        writeBody(writer, each, NOON);
        const body = writer.bytes.subarray(start, writer.end);
        const expected = { source_request_id: idOf(each), ...JSON.parse(batchJson(each)) };
        expect(Buffer.from(body).toString()).toBe(JSON.stringify(expected));
        expect(contentOf(body)).toBe(batchJson(each));
        expect(Buffer.from(bodyOf(each, NOON + byte))).toEqual(Buffer.from(body));
      }
    }),
  );
});

it('without events, which say when, a batch has another id at another time, and is remembered by its content', () => {
  const { events: _, ...batch } = conversion('order-1').batch;
  const at = (timestampMs: number) => {
    const id = new Uint32Array(DELIVERY_ID_WORDS);
    const writer = new JsonWriter();
    writeBody(writer, batch, timestampMs, id);
    const { source_request_id, ...content } = JSON.parse(writer.toString());
    expect(content).toEqual(batch);
    return { source_request_id, id };
  };
  const [noon, again, later] = [at(NOON), at(NOON), at(NOON + 1)];
  expect(again).toEqual(noon);
  expect(later.id).toEqual(noon.id);
  expect(later.source_request_id).not.toBe(noon.source_request_id);
  expect(noon.source_request_id).toMatchInlineSnapshot(`"04baed82-ca6c-567c-9d05-efeafe512135"`);
});

it('an id does not change between releases', () => {
  const sent: Batch = JSON.parse(Buffer.from(bodyOf(conversion('order-1').batch, NOON)).toString());
  expect(sent.source_request_id).toMatchInlineSnapshot(`"e58d7954-ba41-5f33-a643-aab7641d9762"`);
});

it('what a delivery is remembered by tells its contents apart, in both of the words for it', () => {
  const contentIn = (each: BatchContent) => {
    const id = new Uint32Array(DELIVERY_ID_WORDS);
    writeBody(new JsonWriter(), each, NOON, id);
    return id;
  };
  fc.assert(
    fc.property(batch, batch, (one, other) => {
      const [a, b] = [contentIn(one), contentIn(other)];
      const isSame = batchJson(one) === batchJson(other);
      expect(hasSameContent(a, b)).toBe(isSame);
      const digest = createHash('sha1')
        .update(Buffer.from('6d1f0c52a7e94c5f8b0a4e2f9d3b7c61', 'hex'))
        .update(batchJson(one))
        .digest();
      expect([...a]).toEqual([0, 0, 0, digest.readUInt32BE(0), digest.readUInt32BE(10), 0, 0]);
    }),
  );
});
