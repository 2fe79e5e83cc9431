import type { Readable } from 'node:stream';
import { UserError } from '../errors.js';
import type { InputOptions, Problem, Slice } from '../interfaces.js';
import { type ByteSource, HEAD_BYTES, inBlocks, openBytes } from './bytes.js';
import { CsvCutter } from './csv-cutter.js';
import { groupColumn, readHeader } from './csv-header.js';
import { type CutOptions, countByte, cutSlices } from './cut.js';
import { detectDialect, detectFormat, separatorLine } from './detect.js';
import { JsonCutter } from './json-cutter.js';
import { findList, ListBytes, type ListTexts } from './json-list.js';
import { LineCutter } from './line-cutter.js';
import { isPause } from './pauses.js';
import { createSliceReader, type FileHead, type SliceReader } from './reader.js';
import { wholeGroups } from './row-groups.js';
import { SliceMemory } from './slice-memory.js';
import { isBlank } from './values.js';

/** An input file whose beginning was looked at and found readable. */
export interface OpenedInput {
  /** Path as the user gave it, or `-`. */
  readonly file: string;
  readonly head: FileHead;
  /** Whether there is nothing in it, not even a header. */
  readonly isEmpty: boolean;
  /** How large the file is, in bytes of UTF-8; absent where that is not known. */
  readonly bytes?: number;
  /** The file, cut at record boundaries; may be read once. */
  readonly slices: AsyncIterable<Slice>;
  /** Takes the memory of a slice back that nobody will read any more; nobody needs to call it. */
  readonly giveBack?: (slice: Slice) => void;
  readonly read: SliceReader;
  /** Of a JSON file that holds one object with the list in it: the object's own texts. */
  readonly texts?: ListTexts;
}

/** About as large as slices are, in bytes. */
const SLICE_BYTES = 1 << 16;
/** A record may be this large, in bytes. */
const MAX_RECORD_BYTES = 8 << 20;
/** A row of several lines may be this large, in bytes; longer, a quote was not closed. */
const MAX_QUOTED_BYTES = 1 << 20;
const LF = 0x0a;

const TOO_LARGE: Problem = {
  code: 'RECORD_TOO_LARGE',
  message: `The record has more than ${MAX_RECORD_BYTES >> 20} MB, which no batch can hold.`,
};
const ENDS_EARLY: Problem = {
  code: 'JSON_TRUNCATED',
  message: 'The file ends before the closing bracket of its list; it was cut short, so export it again.',
};

/**
 * Opens every file and looks at its beginning, so that a file that cannot be read, or whose header is wrong, is known
 * before anything is sent.
 *
 * @param files paths, or `-` (once) for standard input.
 * @throws UserError with an `INPUT_…` or `CSV_…` code, `PLACE_INVALID`, or `AUDIENCE_TRUNCATED`.
 */
export async function openInputs(
  files: readonly string[],
  stdin: Readable,
  options: InputOptions,
  sliceBytes = SLICE_BYTES,
): Promise<readonly OpenedInput[]> {
  if (files.filter((file) => file === '-').length > 1) {
    throw new UserError('INPUT_STDIN_TWICE', 'Standard input (-) is named more than once.', {
      hint: 'It can be read once: name it once.',
    });
  }
  // One for all: a file that was read keeps none.
  const memory = new SliceMemory(sliceBytes * 2);
  const opened: OpenedInput[] = [];
  for (const file of files) {
    const source = await openBytes(file, stdin, options.pauseMs);
    const input = openInput(file, source, options, sliceBytes, memory);
    const slices = onceOnly(input.slices);
    const isEmpty = source.head.length < HEAD_BYTES && isBlank(source.head.toString('utf8'));
    opened.push({ ...input, slices, isEmpty, ...(source.size === undefined ? {} : { bytes: source.size }) });
  }
  return opened;
}

/** What may be gone through once, and is then let go of: a generator holds what it has read also when it has ended. */
function onceOnly<T>(items: AsyncIterable<T>): AsyncIterable<T> {
  let left: AsyncIterable<T> | undefined = items;
  return {
    async *[Symbol.asyncIterator]() {
      const taken = left;
      left = undefined;
      if (taken !== undefined) yield* taken;
    },
  };
}

function openInput(
  file: string,
  source: ByteSource,
  options: InputOptions,
  sliceBytes: number,
  memory: SliceMemory,
): Omit<OpenedInput, 'isEmpty'> {
  const chunks = inBlocks(source.chunks, sliceBytes);
  const giveBack = ({ bytes }: Slice): void => memory.giveBack(bytes);
  const bom = source.head.length >= 3 && source.head.readUIntBE(0, 3) === 0xefbbbf ? 3 : 0;
  const head = source.head.subarray(bom);
  const list = options.lists === undefined ? undefined : findList(head, options.lists, file);
  const text = head.toString('utf8');
  const format = list === undefined ? (options.format ?? detectFormat(text, file)) : 'json';
  if (format === 'csv') {
    const told = separatorLine(head);
    const before = told?.bytes ?? 0;
    const fromHeader = head.subarray(before);
    const dialect = detectDialect(fromHeader, told?.delimiter);
    const headerLine = told === undefined ? 1 : 2;
    const header = readHeader(fromHeader, dialect, headerLine, file, source.head.length >= HEAD_BYTES);
    const groupBy = groupColumn(header, options.groupBy, file);
    const table = {
      dialect,
      columns: header.columns,
      line: header.line,
      ...(groupBy === undefined ? {} : { groupBy }),
    };
    const fileHead: FileHead = { format, table };
    const rows = cutSlices(skip(chunks, bom + before + header.bytes), new CsvCutter(dialect), {
      sliceBytes,
      newline: dialect.newline.charCodeAt(0),
      line: header.nextLine,
      memory,
      oversize: {
        maxBytes: MAX_RECORD_BYTES,
        policy: 'skip-line',
        problem: TOO_LARGE,
        tornBytes: MAX_QUOTED_BYTES,
      },
    });
    const read = createSliceReader(fileHead, options);
    if (groupBy === undefined) return { file, head: fileHead, slices: rows, giveBack, read };
    return { file, head: fileHead, slices: wholeGroups(rows, dialect, groupBy), read };
  }
  const fileHead: FileHead = { format };
  const common = { sliceBytes, newline: LF, memory };
  if (list !== undefined) {
    const inList = new ListBytes(file);
    const before = head.subarray(0, list.offset);
    const bytes = inBlocks(inList.read(skip(chunks, bom + list.offset)), sliceBytes);
    return {
      file,
      head: fileHead,
      slices: cutJson(bytes, Buffer.from('['), 0, 1 + countByte(before, LF), common),
      giveBack,
      read: createSliceReader(fileHead, options),
      texts: { before: list.texts, after: () => inList.after() },
    };
  }
  const slices =
    format === 'ndjson'
      ? cutSlices(skip(chunks, bom), new LineCutter(), {
          ...common,
          line: 1,
          oversize: { maxBytes: MAX_RECORD_BYTES, policy: 'skip-line', problem: TOO_LARGE },
        })
      : cutJson(chunks, head, bom, 1, common);
  return { file, head: fileHead, slices, giveBack, read: createSliceReader(fileHead, options) };
}

async function* cutJson(
  chunks: AsyncIterable<Buffer>,
  head: Buffer,
  bom: number,
  firstLine: number,
  common: Pick<CutOptions, 'sliceBytes' | 'newline' | 'memory'>,
): AsyncGenerator<Slice> {
  const start = head.findIndex((byte) => byte > 0x20);
  const isArray = head[start] === 0x5b;
  const skipped = isArray ? start + 1 : 0;
  let line = firstLine + countByte(head.subarray(0, skipped), LF);
  const cutter = new JsonCutter();
  let stopped = false;
  const oversize = { maxBytes: MAX_RECORD_BYTES, policy: 'stop', problem: TOO_LARGE } as const;
  for await (const slice of cutSlices(skip(chunks, bom + skipped), cutter, { ...common, line, oversize })) {
    stopped = slice.problem !== undefined;
    line = slice.line + countByte(slice.bytes, LF);
    yield slice;
  }
  if (isArray && !stopped && !cutter.unfinished && !cutter.closed) {
    yield { bytes: new Uint8Array(), line, problem: ENDS_EARLY };
  }
}

async function* skip(chunks: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const chunk of chunks) {
    if (left < chunk.length || isPause(chunk)) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
