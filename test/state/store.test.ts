import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addContent } from '../../src/delivery-id.js';
import type { DeliveryLog } from '../../src/interfaces.js';
import { oldestIn } from '../../src/state/clock.js';
import { unwritable } from '../../src/state/errors.js';
import { createRunId } from '../../src/state/runs.js';
import { openStore, readStore, type Store } from '../../src/state/store.js';
import { writeWhole } from '../../src/state/whole-file.js';
import { useFolder } from '../helpers/folder.js';
import { STORED_RUN } from '../helpers/stored-run.js';

const folder = useFolder();
let now = Date.UTC(2026, 10, 23);
beforeEach(() => {
  now = Date.UTC(2026, 10, 23);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const REMEMBERED_DAYS = 90;
const CONTENT = 0x11111111;
const OTHER = 0x22222222;

const open = (account = 'key'): Promise<Store> =>
  openStore({
    directory: folder.path,
    runId: 'run',
    scope: { endpoint: 'https://example.test/v2', environment: 'production', account },
    mappings: ['Send'],
    rememberMs: REMEMBERED_DAYS * 86_400_000,
    waitMs: 0,
    onWait: () => undefined,
    now: () => now,
  });

/** The run that begins so many days after the first one. */
async function openAt(day: number): Promise<Store> {
  now = Date.UTC(2026, 10, 23) + day * 86_400_000;
  const store = await open();
  const startedAt = new Date(now);
  const id = createRunId(startedAt, Math.random);
  await store.writeRun({ ...STORED_RUN, number: store.run, id, startedAt: startedAt.toISOString() });
  return store;
}

const idOf = (log: DeliveryLog, messageId: string) => log.identify({ messageId, mapping: 'Send' });
const knows = (log: DeliveryLog, messageId: string): boolean => log.isDelivered(idOf(log, messageId));
const withContent = (log: DeliveryLog, messageId: string, content: number) => {
  const id = idOf(log, messageId);
  addContent(id, content, 1);
  return id;
};
const statusOf = (log: DeliveryLog, messageId: string, content = CONTENT) =>
  log.status(withContent(log, messageId, content), 0);

async function announce(log: DeliveryLog, ...batches: string[][]): Promise<number> {
  return log.announce(
    Uint32Array.from(batches.flat().flatMap((id) => [...withContent(log, id, CONTENT)])),
    Uint32Array.from(batches, ({ length }) => length),
  );
}

async function deliver(log: DeliveryLog, ...ids: string[]): Promise<void> {
  const first = await announce(log, ...ids.map((id) => [id]));
  await log.end(
    Uint32Array.from(ids, (_, index) => first + index),
    'accepted',
  );
}

describe('the state', () => {
  it('knows in the next run what was accepted, and for which account', async () => {
    const first = await open();
    await deliver(first.log, 'a', 'b');
    await first.close();
    const second = await open();
    expect([knows(second.log, 'a'), knows(second.log, 'b'), knows(second.log, 'c')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(statusOf(second.log, 'a')).toEqual({
      kind: 'delivered',
      changed: false,
      byThisRun: false,
      run: 1,
    });
    expect(statusOf(second.log, 'a', OTHER)).toMatchObject({ kind: 'delivered', changed: true });
    await second.close();
    const other = await open('another key');
    expect(knows(other.log, 'a')).toBe(false);
    await other.close();
  });

  it('knows it after a kill as well, and what was in flight, in which batch', async () => {
    const killed = await open();
    await deliver(killed.log, 'a');
    await announce(killed.log, ['b', 'c'], ['d']);
    await killed.abandon();
    for (let run = 0; run < 3; run += 1) {
      const next = await open();
      expect(knows(next.log, 'a')).toBe(true);
      expect(statusOf(next.log, 'c')).toMatchObject({ kind: 'in flight', changed: false, position: 1 });
      expect(statusOf(next.log, 'c')).toMatchObject({ group: { size: 2 } });
      expect(statusOf(next.log, 'd', OTHER)).toMatchObject({
        kind: 'in flight',
        changed: true,
        group: { size: 1 },
      });
      await (run === 1 ? next.abandon() : next.close());
    }
    const last = await open();
    await deliver(last.log, 'd');
    await last.close();
    const after = await open();
    expect(statusOf(after.log, 'd').kind).toBe('delivered');
    expect(statusOf(after.log, 'b').kind).toBe('in flight');
    await after.close();
  });

  it('forgets what was in flight once the server has refused it, not when it was never sent again', async () => {
    const killed = await open();
    await announce(killed.log, ['a'], ['b']);
    await killed.abandon();
    const next = await open();
    const first = await announce(next.log, ['a'], ['b']);
    await next.log.end(Uint32Array.of(first), 'refused');
    await next.log.end(Uint32Array.of(first + 1), 'unsent');
    await next.close();
    const last = await open();
    expect([statusOf(last.log, 'a').kind, statusOf(last.log, 'b').kind]).toEqual(['unknown', 'in flight']);
    await last.close();
  });

  it('knows after many nights what was delivered in each of them, and stays in a few files', async () => {
    for (let night = 0; night < 30; night += 1) {
      const store = await open();
      await deliver(store.log, `order-${night}`, 'the same');
      await store.close();
      now += 86_400_000;
    }
    const next = await open();
    for (let night = 0; night < 30; night += 1) expect(knows(next.log, `order-${night}`)).toBe(true);
    await next.close();
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.segment')).length).toBeLessThan(16);
  });

  it('loses nothing where a run after a killed one merges what both left, and ends before it can save that', async () => {
    for (let night = 0; night < 6; night += 1) {
      const store = await open();
      await deliver(store.log, `night ${night}`);
      await store.close();
    }
    const killed = await open();
    await deliver(killed.log, 'killed');
    await killed.abandon();
    const last = await open();
    await deliver(last.log, 'last');
    const saved = join(folder.path, 'state.json');
    renameSync(saved, join(folder.path, 'saved'));
    mkdirSync(saved);
    await expect(last.close()).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
    rmdirSync(saved);
    renameSync(join(folder.path, 'saved'), saved);
    const next = await open();
    for (const id of ['night 0', 'killed', 'last']) expect(knows(next.log, id), id).toBe(true);
    await next.close();
  });

  it('forgets a delivery after 90 days, not before, and only once runs on three days agree', async () => {
    const first = await openAt(0);
    await deliver(first.log, 'a');
    await first.close();
    const known: [number, boolean][] = [];
    for (const day of [REMEMBERED_DAYS - 1, REMEMBERED_DAYS + 1, REMEMBERED_DAYS + 1.1, 92, 93, 94]) {
      const next = await openAt(day);
      known.push([day, knows(next.log, 'a')]);
      await next.close();
    }
    expect(known).toEqual([
      [89, true],
      [91, true],
      [91.1, true],
      [92, true],
      [93, false],
      [94, false],
    ]);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.segment'))).toEqual([]);
  });

  it.each([
    ['is a year ahead for two nights, then right again', [0, 1, 2, 367, 367.1, 368, 5, 6]],
    ['was 100 days behind for two nights', [0, 1, 2, -98, -98.5, 4, 5, 6]],
  ])('forgets nothing where the clock %s', async (_, days) => {
    for (const [night, day] of days.entries()) {
      const store = await openAt(day);
      for (let before = 0; before < night; before += 1) {
        expect([day, before, knows(store.log, `order-${before}`)]).toEqual([day, before, true]);
      }
      await deliver(store.log, `order-${night}`);
      await store.close();
    }
  });

  it('holds neither ids nor the API key', async () => {
    const store = await open('the-api-key');
    await deliver(store.log, 'order-of-anna@example.com');
    await announce(store.log, ['order-of-ben@example.com']);
    const text = (): string =>
      readdirSync(folder.path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
        .join('\n');
    const during = text();
    await store.close();
    for (const kept of [during, text()]) {
      expect(kept, 'the state').toContain('"format": 1');
      for (const secret of ['anna', 'ben', 'the-api-key']) expect(kept).not.toContain(secret);
    }
  });

  it('says that there is no room for what a killed run had delivered, where that is much', async () => {
    const killed = await open();
    for (let first = 0; first < 1 << 18; first += 1 << 12) {
      const ids = Array.from({ length: 1 << 12 }, (_, index) => String(first + index));
      await deliver(killed.log, ...ids);
    }
    await killed.abandon();
    vi.stubEnv('TMPDIR', join(folder.path, 'nowhere'));
    await expect(readStore(folder.path, 0)).rejects.toMatchObject({ code: 'TEMPORARY_UNWRITABLE' });
  });

  it('is read without being changed, also while a run writes to it', async () => {
    const store = await open();
    await deliver(store.log, 'a');
    const before = readdirSync(folder.path).sort();
    const past = await readStore(folder.path, oldestIn(folder.path, now, REMEMBERED_DAYS * 86_400_000));
    expect(['a', 'b'].map((id) => past?.index.get(idOf(store.log, id)) !== undefined)).toEqual([true, false]);
    past?.index.close();
    expect(readdirSync(folder.path).sort()).toEqual(before);
    await store.close();
    expect(await readStore(join(folder.path, 'nothing'), 0)).toBeUndefined();
  });
});

describe('a state that is not as it was written', () => {
  const failure = async () =>
    open().then(
      (store) => store.close(),
      (error: unknown) => error,
    );
  beforeEach(async () => {
    const store = await open();
    await deliver(store.log, 'a');
    await announce(store.log, ['b']);
    await store.close();
  });
  const segment = (): string => readdirSync(folder.path).find((name) => name.endsWith('.segment')) ?? '';

  it.each<[string, () => void]>([
    ['a segment that is gone', () => rmSync(join(folder.path, segment()))],
    [
      'a segment cut short',
      () =>
        writeFileSync(
          join(folder.path, segment()),
          readFileSync(join(folder.path, segment())).subarray(0, 100),
        ),
    ],
    ['an empty segment', () => writeFileSync(join(folder.path, segment()), '')],
    ['a state.json that is no JSON', () => writeFileSync(join(folder.path, 'state.json'), '{')],
    ['an empty state.json', () => writeFileSync(join(folder.path, 'state.json'), '')],
    [
      'a state.json with another secret',
      () => {
        const path = join(folder.path, 'state.json');
        const text = readFileSync(path, 'utf8');
        const secret = /"secret": "(.)/.exec(text)?.[1];
        writeFileSync(path, text.replace(/"secret": "./, `"secret": "${secret === 'a' ? 'b' : 'a'}`));
      },
    ],
    [
      'an in-flight file cut short by a byte',
      () => {
        const path = join(folder.path, 'in-flight');
        truncateSync(path, readFileSync(path).length - 1);
      },
    ],
    ['an in-flight file cut short to nothing', () => truncateSync(join(folder.path, 'in-flight'), 0)],
    [
      'an in-flight file with a byte changed',
      () => {
        const path = join(folder.path, 'in-flight');
        const bytes = readFileSync(path);
        bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      },
    ],
    [
      'an in-flight file of something else',
      () => writeFileSync(join(folder.path, 'in-flight'), 'something else'),
    ],
  ])('is reported, and left as it is: %s', async (_, damage) => {
    damage();
    const before = readdirSync(folder.path).sort();
    expect(await failure()).toMatchObject({ code: 'STATE_DAMAGED', exitCode: 2 });
    expect(readdirSync(folder.path).sort()).toEqual(before);
  });

  it('is reported where only state.json is missing', async () => {
    rmSync(join(folder.path, 'state.json'));
    expect(await failure()).toMatchObject({ code: 'STATE_DAMAGED' });
    expect(existsSync(join(folder.path, segment()))).toBe(true);
  });

  it('is reported where state.json alone is an older one, and what that does not name is kept', async () => {
    const path = join(folder.path, 'state.json');
    const older = readFileSync(path);
    const store = await openAt(1);
    await deliver(store.log, 'c');
    await store.close();
    const newer = readFileSync(path);
    writeFileSync(path, older);
    expect(await failure()).toMatchObject({ code: 'STATE_DAMAGED', place: { file: path } });
    await expect(readStore(folder.path, 0)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    writeFileSync(path, newer);
    const again = await open();
    expect(knows(again.log, 'c')).toBe(true);
    await again.close();
  });

  it('is not reported where a version wrote it that had no checksum', async () => {
    const path = join(folder.path, 'state.json');
    const { sha256: _, ...before }: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify(before));
    expect(await failure()).toBeUndefined();
  });

  it('is reported where a later version wrote it', async () => {
    const path = join(folder.path, 'state.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"format": 1', '"format": 7'));
    expect(await failure()).toMatchObject({ code: 'STATE_TOO_NEW' });
  });
});

it.each([
  ['ENOSPC', 'STATE_DISK_FULL'],
  ['EDQUOT', 'STATE_DISK_FULL'],
  ['EFBIG', 'STATE_DISK_FULL'],
  ['EACCES', 'STATE_UNWRITABLE'],
])('a write that fails with %s is %s', (code, expected) => {
  expect(unwritable('state', Object.assign(new Error(code), { code })).code).toBe(expected);
});

it.skipIf(!existsSync('/dev/full'))(
  'a full disk is distinguished from one that may not be written to',
  async () => {
    await expect(writeWhole('/dev/full', 'x')).rejects.toMatchObject({
      code: 'STATE_DISK_FULL',
      exitCode: 5,
    });
    await expect(writeWhole('/dev/full/x', 'x')).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
      exitCode: 2,
    });
  },
);
