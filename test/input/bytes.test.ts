import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInputs } from '../../src/input/open.js';

const options = { columns: new Map() };
const open = (file: string) => openInputs([file], Readable.from([]), options);
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rokt-capi-input-'));
  await writeFile(join(folder, 'orders.csv'), 'a,b\n');
});
afterAll(() => rm(folder, { recursive: true }));

describe('a file', () => {
  it.each([
    ['plain', (text: string) => Buffer.from(text)],
    ['gzip', (text: string) => zlib.gzipSync(text)],
    ['UTF-16', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ])(
    '%s of a megabyte is read whole, also where the memory of its slices is used again',
    async (kind, write) => {
      const file = join(folder, `whole-${kind}`);
      const rows = Array.from({ length: 40_000 }, (_, n) => `${n},"naïve, ${n * 7919}"\n`);
      await writeFile(file, write(`id,note\n${rows.join('')}`));
      const [input] = await open(file);
      const read: string[] = [];
      for await (const slice of input?.slices ?? []) {
        read.push(Buffer.from(slice.bytes).toString('utf8'));
        input?.giveBack?.(slice);
      }
      expect(read.join('') === rows.join('')).toBe(true);
      expect(read.length).toBeGreaterThan(10);
    },
  );

  it.each([
    ['that is not there', 'none.csv', 'INPUT_NOT_FOUND'],
    ['under something that is no directory', 'orders.csv/none.csv', 'INPUT_NOT_FOUND'],
    ['that is a directory', '.', 'INPUT_UNREADABLE'],
    ['whose name is too long', 'x'.repeat(300), 'INPUT_UNREADABLE'],
  ])('%s is an error that names it', async (_, name, code) => {
    const file = join(folder, name);
    await expect(open(file)).rejects.toMatchObject({ code, place: { file } });
  });

  it.runIf(process.platform === 'linux').each(['big.csv', 'big.csv.gz'])(
    '%s is closed when reading stops early',
    async (name) => {
      const file = join(folder, name);
      const text = `Order Number,Email\n${'1,a@example.com\n'.repeat(200_000)}`;
      await writeFile(file, name.endsWith('.gz') ? zlib.gzipSync(text, { level: 0 }) : text);
      const isOpen = async () => {
        const descriptors = await readdir('/proc/self/fd');
        const targets = await Promise.all(
          descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
        );
        return targets.includes(file);
      };
      const [input] = await open(file);
      expect(await isOpen()).toBe(true);
      for await (const slice of input?.slices ?? []) {
        expect(slice.line).toBe(2);
        break;
      }
      await expect.poll(isOpen, { timeout: 30_000 }).toBe(false);
    },
  );
});

const compress: unknown = Reflect.get(zlib, 'zstdCompressSync');

describe.runIf(typeof compress === 'function')('a file of zstd', () => {
  const zstd = (text: string): Buffer => {
    const frame: unknown = typeof compress === 'function' ? Reflect.apply(compress, zlib, [text]) : undefined;
    if (!Buffer.isBuffer(frame)) throw new Error('Nothing was compressed.');
    return frame;
  };
  const rows = (from: number): string =>
    Array.from({ length: 40_000 }, (_, n) => `${from + n},${((from + n) * 7919) % 10_007}\n`).join('');
  const FOR_OTHERS = Buffer.from('502a4d1803000000616263', 'hex');
  const readAll = async (...content: Buffer[]): Promise<string> => {
    const file = join(folder, 'orders.csv.zst');
    await writeFile(file, Buffer.concat(content));
    const [input] = await open(file);
    const read: string[] = [];
    for await (const { bytes } of input?.slices ?? []) read.push(Buffer.from(bytes).toString('utf8'));
    return read.join('');
  };

  it.each([1, 2, 3])('put together of several (cat a.zst b.zst) is read to its end, %i', async (parts) => {
    const texts = Array.from({ length: parts }, (_, part) => rows(part * 40_000));
    const frames = texts.map((text, part) => zstd(part === 0 ? `id,note\n${text}` : text));
    expect((await readAll(...frames)) === texts.join('')).toBe(true);
  });

  it('with frames for other programs in it (pzstd) is read', async () => {
    const parts = [FOR_OTHERS, zstd(`id,note\n${rows(0)}`), FOR_OTHERS, zstd(rows(40_000)), FOR_OTHERS];
    expect((await readAll(...parts)) === rows(0) + rows(40_000)).toBe(true);
  });

  it('whose content fills what is decompressed at once is read', async () => {
    const text = `id,note\n${rows(0)}`.slice(0, 1 << 18);
    expect((await readAll(zstd(text), zstd(rows(50_000)))) === text.slice(8) + rows(50_000)).toBe(true);
  });

  it.each([
    ['in its only frame', 1, -1],
    ['in the middle of it', 1, -50_000],
    ['in the second of two frames', 2, -1],
  ])('that breaks off %s is an error, and not the end', async (_, count, end) => {
    const frames = [zstd(`id,note\n${rows(0)}`), zstd(rows(40_000))].slice(0, count);
    await expect(readAll(Buffer.concat(frames).subarray(0, end))).rejects.toMatchObject({
      code: 'INPUT_COMPRESSION',
    });
  });

  it('with something behind it that is no zstd is an error', async () => {
    await expect(readAll(zstd(`id,note\n${rows(0)}`), Buffer.from('text'))).rejects.toMatchObject({
      code: 'INPUT_COMPRESSION',
    });
  });
});

it('many files take little memory each before it is their turn', async () => {
  const file = join(folder, 'many.csv');
  await writeFile(file, `id,note\n${'1,x\n'.repeat(500_000)}`);
  const before = process.memoryUsage().arrayBuffers;
  const inputs = await openInputs(
    Array.from({ length: 100 }, () => file),
    Readable.from([]),
    options,
  );
  expect((process.memoryUsage().arrayBuffers - before) / inputs.length).toBeLessThan(200_000);
  for (const { slices } of inputs) await slices[Symbol.asyncIterator]().return?.();
});
