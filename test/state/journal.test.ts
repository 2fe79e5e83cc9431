import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Journal, readJournal } from '../../src/state/journal.js';
import type { JournalEvent } from '../../src/state/journal-block.js';
import { identify } from '../../src/state/keys.js';
import { useFolder } from '../helpers/folder.js';

const folder = useFolder();

const EVENTS: JournalEvent[] = [
  {
    kind: 'announced',
    first: 0,
    entries: Uint32Array.from(
      ['a', 'b', 'c'].flatMap((messageId) => [...identify('s', { messageId, mapping: 'Send' })]),
    ),
    sizes: Uint32Array.of(2, 1),
  },
  { kind: 'accepted', seconds: 1_790_000_000, numbers: Uint32Array.of(0, 1) },
  { kind: 'refused', numbers: Uint32Array.of(2) },
  { kind: 'unsent', numbers: Uint32Array.of() },
];

async function write(): Promise<{ path: string; bytes: Buffer }> {
  const path = join(folder.path, 'journal-1');
  const journal = await Journal.create(path, async () => undefined);
  // Each in a block of its own.
  for (const event of EVENTS) await journal.append(event);
  await journal.close();
  return { path, bytes: readFileSync(path) };
}

async function read(path: string): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  for await (const event of readJournal(path)) events.push(event);
  return events;
}

it('gives back what was written', async () => {
  const { path } = await write();
  expect(await read(path)).toEqual(EVENTS);
});

it('gives back an announcement of more deliveries than its memory had room for, and what comes after it', async () => {
  const ids = Array.from({ length: 3_000 }, (_, n) => identify('s', { messageId: `m${n}`, mapping: 'Send' }));
  const many: JournalEvent = {
    kind: 'announced',
    first: 3,
    entries: Uint32Array.from(ids.flatMap((id) => [...id])),
    sizes: Uint32Array.from({ length: 1_500 }, () => 2),
  };
  const path = join(folder.path, 'journal-2');
  const journal = await Journal.create(path, async () => undefined);
  for (const event of [many, ...EVENTS, many]) await journal.append(event);
  await journal.close();
  expect(await read(path)).toEqual([many, ...EVENTS, many]);
});

it('writes what comes up at once together, in its order', async () => {
  const path = join(folder.path, 'journal-2');
  const journal = await Journal.create(path, async () => undefined);
  const numbers = Array.from({ length: 1_000 }, (_, n) => n);
  await Promise.all(numbers.map((n) => journal.append({ kind: 'refused', numbers: Uint32Array.of(n) })));
  await journal.close();
  expect(await read(path)).toEqual(numbers.map((n) => ({ kind: 'refused', numbers: Uint32Array.of(n) })));
});

it('wherever a kill cuts it off, what was whole before is read', async () => {
  const { path, bytes } = await write();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 4, max: bytes.length }), fc.boolean(), async (length, hasLength) => {
      // After a power cut a file may have its length, and zeros where its content should be.
      const zeros = Buffer.alloc(hasLength ? bytes.length - length : 0);
      writeFileSync(path, Buffer.concat([bytes.subarray(0, length), zeros]));
      const events = await read(path);
      expect(events).toEqual(EVENTS.slice(0, events.length));
      if (length === bytes.length) expect(events).toHaveLength(EVENTS.length);
    }),
  );
});

it('a byte that changed before the last block is damage, never less to read', async () => {
  const { path, bytes } = await write();
  // The last block: its head of 12 bytes, and a body of 9.
  const last = bytes.length - 21;
  await fc.assert(
    fc.asyncProperty(fc.nat(last - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const bad = Buffer.from(bytes);
      bad[at] = (bad[at] ?? 0) ^ change;
      writeFileSync(path, bad);
      await expect(read(path)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    }),
  );
});
