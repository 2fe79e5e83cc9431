import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { MappingEntry } from '../../src/config/config.js';
import type { JsonObject, SegmentEvent } from '../../src/interfaces.js';
import { compileMappings } from '../../src/mapping/compile.js';
import { batchJson } from '../../src/payload/batch-json.js';
import { createPayloadBuilder } from '../../src/payload/payload.js';
import type { BatchContent } from '../../src/payload/wire.js';
import { PAYLOAD_OPTIONS } from '../helpers/payload-options.js';

/** One case recorded from the production integration. */
interface Vector {
  readonly id: number;
  readonly preset: MappingEntry['preset'];
  readonly event: SegmentEvent;
  readonly fields: JsonObject;
  readonly expected?: BatchContent;
  readonly error?: string;
}

const vectors: Vector[] = readFileSync(
  new URL('../../fixtures/vectors/reference.ndjson', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

function batchOf(vector: Vector) {
  const [mapping] = compileMappings([{ name: 'M', preset: vector.preset, fields: vector.fields }]);
  return mapping === undefined
    ? undefined
    : createPayloadBuilder(mapping.fields, PAYLOAD_OPTIONS)(vector.event);
}

describe('the 147 recorded cases', () => {
  it('are all there', () => {
    expect(vectors).toHaveLength(147);
  });

  it.each(vectors.map((vector) => [vector.id, vector] as const))('case %i', (_, vector) => {
    const result = batchOf(vector);
    if (vector.error !== undefined) {
      expect(result).toMatchObject({ kind: 'rejected', problem: { code: 'IDENTIFIER_MISSING' } });
    } else {
      expect(result?.kind === 'batch' ? JSON.parse(batchJson(result.payload.batch)) : result).toEqual(
        vector.expected,
      );
    }
  });
});
