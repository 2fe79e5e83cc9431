import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createThrowawayIndex, DeliveredIndex, TEMPORARY } from '../../src/state/delivered-index.js';
import { AT } from '../../src/state/entry.js';
import { identify } from '../../src/state/keys.js';
import { PageCache } from '../../src/state/page-cache.js';
import { PAGE_ENTRIES, PAGES_AT_ONCE } from '../../src/state/pages.js';
import { Segment } from '../../src/state/segment.js';
import { openSharedIds } from '../../src/state/shared-ids.js';
import { useFolder } from '../helpers/folder.js';

const folder = useFolder();

const temporaryIn = (name: string): string => {
  const path = join(folder.path, name);
  mkdirSync(path);
  return path;
};

const NOW = 1_790_000_000;

function entryOf(name: string, seconds = NOW): Uint32Array {
  const entry = identify('scope', { messageId: name, mapping: 'Send' });
  entry[AT.seconds] = seconds;
  return entry;
}

function indexIn(directory: string, oldest = 0): DeliveredIndex {
  let files = 0;
  const newPath = (): string => {
    files += 1;
    return join(directory, `${files}.segment`);
  };
  return new DeliveredIndex({ ...TEMPORARY, newPath, nameless: false }, [], oldest);
}

describe('what was delivered', () => {
  // The default size of fast-check's lists would hardly ever make as many segments as are merged.
  const group = fc.array(fc.nat(3_000), { maxLength: 400, size: 'max' });

  it('is remembered, and nothing else, over spills and merges', () => {
    fc.assert(
      fc.property(fc.array(group, { maxLength: 20, size: 'max' }), (groups) => {
        const index = createThrowawayIndex();
        const known = new Set<number>();
        for (const group of groups) {
          for (const n of group) {
            index.add(entryOf(`m${n}`));
            known.add(n);
          }
          index.spill();
        }
        for (let n = 0; n <= 3_000; n += 7) {
          expect(index.get(entryOf(`m${n}`)) !== undefined).toBe(known.has(n));
        }
        index.close();
      }),
      { numRuns: 30 },
    );
  });

  it('keeps what is known of each, the newest where it was added twice', () => {
    const index = indexIn(folder.path);
    for (let n = 0; n < 5_000; n += 1) index.add(entryOf(`m${n}`, NOW + n));
    index.spill();
    index.add(entryOf('m7', NOW + 99_999));
    index.spill();
    expect(index.get(entryOf('m7'))?.[AT.seconds]).toBe(NOW + 99_999);
    expect(index.get(entryOf('m4999'))?.[AT.seconds]).toBe(NOW + 4_999);
    index.close();
  });

  it('is remembered where the last page of a file, or of what is written at once, is full to its end', () => {
    const pages = PAGE_ENTRIES * PAGES_AT_ONCE;
    for (const count of [PAGE_ENTRIES, 2 * PAGE_ENTRIES, pages].flatMap((n) => [n - 1, n, n + 1])) {
      const index = indexIn(temporaryIn(String(count)));
      for (let n = 0; n < count; n += 1) index.add(entryOf(`m${n}`));
      index.spill();
      for (let n = 0; n < count; n += 1)
        expect(index.get(entryOf(`m${n}`)), `${n} of ${count}`).toBeDefined();
      index.close();
    }
  });

  it('expires', () => {
    const index = indexIn(folder.path, NOW);
    index.add(entryOf('old', NOW - 1));
    index.add(entryOf('new', NOW));
    index.spill();
    expect(index.get(entryOf('old'))).toBeUndefined();
    expect(index.get(entryOf('new'))).toBeDefined();
    index.close();
  });

  it('takes few files, however often it is saved', () => {
    const index = indexIn(folder.path);
    let files: string[] = [];
    for (let n = 0; n < 100; n += 1) {
      index.add(entryOf(`m${n}`));
      files = index.save();
    }
    expect(files.length).toBeLessThan(8);
    for (let n = 0; n < 100; n += 1) expect(index.get(entryOf(`m${n}`)), `m${n}`).toBeDefined();
    index.close();
  });

  it('says that it is damaged when any byte of its file has changed', () => {
    const index = indexIn(folder.path);
    for (let n = 0; n < 500; n += 1) index.add(entryOf(`m${n}`));
    const [path = ''] = index.save();
    index.close();
    const good = readFileSync(path);
    const readAll = (): number => {
      const segment = Segment.open(path, new PageCache());
      try {
        let count = 0;
        for (const cursor = segment.cursor(); !cursor.isDone; cursor.next()) count += 1;
        return count;
      } finally {
        segment.close();
      }
    };
    expect(readAll()).toBe(500);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bad = Buffer.from(good);
        bad[at] = (bad[at] ?? 0) ^ change;
        writeFileSync(path, bad);
        expect(readAll).toThrow(expect.objectContaining({ code: 'STATE_DAMAGED' }));
      }),
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), (length) => {
        writeFileSync(path, good.subarray(0, length));
        expect(readAll).toThrow(expect.objectContaining({ code: 'STATE_DAMAGED' }));
      }),
    );
  });
});

it('a thread finds what was delivered by what the others hold in memory already, and does not read that once more', () => {
  const index = indexIn(folder.path);
  index.add(entryOf('a'));
  const [path = ''] = index.save();
  index.close();
  const segment = Segment.open(path, new PageCache());
  const known = new DeliveredIndex(TEMPORARY, [segment], 0);
  const { segments, oldest } = known.shared;
  expect(segments.map(({ footer }) => footer.buffer.constructor)).toEqual([SharedArrayBuffer]);
  const damaged = readFileSync(path);
  writeFileSync(path, damaged.fill(0, damaged.length - 4));
  expect(() => Segment.open(path, new PageCache())).toThrow(
    expect.objectContaining({ code: 'STATE_DAMAGED' }),
  );
  const ids = openSharedIds({ scope: 'scope', segments, oldest });
  expect([ids.isDelivered(entryOf('a')), ids.isDelivered(entryOf('b'))]).toEqual([true, false]);
  known.close();
});
