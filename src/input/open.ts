import type { Readable } from 'node:stream';
import { UserError } from '../errors.js';
import type { InputOptions, Problem, Slice } from '../interfaces.js';
import { type ByteSource, HEAD_BYTES, inBlocks, openBytes, withHead } from './bytes.js';
import { CsvCutter } from './csv-cutter.js';
import { groupColumn, readHeader } from './csv-header.js';
import { type CutOptions, countByte, cutSlices } from './cut.js';
import { detectDialect, detectFormat, separatorLine } from './detect.js';
import { fromRecordOn, JsonCutter } from './json-cutter.js';
import { findList, type JsonList, ListBytes, type ListTexts } from './json-list.js';
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
      hint: 'It can be read only once: name it once.',
    });
  }
  // One for all: a file that was read keeps none.
  const memory = new SliceMemory(sliceBytes * 2);
  const inputs: OpenedInput[] = [];
  for (const file of files) {
    const source = await openBytes(file, stdin, options.pauseMs);
    const found = options.lists === undefined ? { source } : await seekList(source, options.lists, file);
    inputs.push(openInput(file, found, options, { sliceBytes, memory }));
  }
  return inputs;
}

/** An input, with the list where it is one object with that in it. */
interface Found {
  readonly source: ByteSource;
  readonly list?: JsonList;
}

/**
 * Finds the list in the object that an input may be: as far from its beginning as a record may be long, for whoever is
 * in it must not be overlooked. See {@link findList}.
 *
 * @throws UserError `AUDIENCE_TRUNCATED`, and what reading throws.
 */
async function seekList(source: ByteSource, names: readonly string[], file: string): Promise<Found> {
  const near = findList(headOf(source), names, file);
  if (near !== 'further on') return { source, ...(near === undefined ? {} : { list: near }) };
  const longer = { ...source, ...(await withHead(source.chunks, MAX_RECORD_BYTES)) };
  const far = findList(headOf(longer), names, file);
  return { source: longer, ...(far === undefined || far === 'further on' ? {} : { list: far }) };
}

/** Without the byte order mark. */
function headOf({ head }: ByteSource): Buffer {
  return head.subarray(bomOf(head));
}

/** How many bytes of a byte order mark there are. */
function bomOf(head: Buffer): number {
  return head.length >= 3 && head.readUIntBE(0, 3) === 0xefbbbf ? 3 : 0;
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

/** A file that is being opened, without its byte order mark. */
interface Opening {
  readonly file: string;
  /** Its beginning. */
  readonly head: Buffer;
  /** Whether `head` is not all of it. */
  readonly goesOn: boolean;
  /** Its bytes from an offset on; may be asked for once. */
  readonly bytesFrom: (offset: number) => AsyncIterable<Buffer>;
  readonly cutting: Cutting;
}

/** What its content tells of an input. */
type Opened = Pick<OpenedInput, 'head' | 'slices' | 'texts'>;

/** What is cut alike in every file. */
type Cutting = Pick<CutOptions, 'sliceBytes' | 'memory'>;

function openInput(
  file: string,
  { source, list }: Found,
  options: InputOptions,
  cutting: Cutting,
): OpenedInput {
  const chunks = inBlocks(source.chunks, cutting.sliceBytes);
  const bom = bomOf(source.head);
  const head = headOf(source);
  const goesOn = source.head.length >= HEAD_BYTES;
  const bytesFrom: Opening['bytesFrom'] = (offset) => skip(chunks, bom + offset);
  const opening = { file, head, goesOn, bytesFrom, cutting };
  const opened = list === undefined ? openContent(opening, options) : openList(opening, list);
  // Slices that are cut again, for groups to be whole, may share their memory.
  const isCutAgain = opened.head.table?.groupBy !== undefined;
  return {
    file,
    ...opened,
    slices: onceOnly(opened.slices),
    isEmpty: !goesOn && isBlank(head.toString('utf8')),
    ...(source.size === undefined ? {} : { bytes: source.size }),
    read: createSliceReader(opened.head, options),
    ...(isCutAgain ? {} : { giveBack: ({ bytes }) => cutting.memory.giveBack(bytes) }),
  };
}

function openContent(opening: Opening, { format, groupBy }: InputOptions): Opened {
  const { file, head } = opening;
  const told = format ?? detectFormat(head.toString('utf8'), file);
  return told === 'csv' ? openTable(opening, groupBy) : openRecords(opening, told);
}

function openTable(
  { file, head, goesOn, bytesFrom, cutting }: Opening,
  grouping: InputOptions['groupBy'],
): Opened {
  const separator = separatorLine(head);
  const before = separator?.bytes ?? 0;
  const fromHeader = head.subarray(before);
  const dialect = detectDialect(fromHeader, separator?.delimiter);
  const header = readHeader(fromHeader, dialect, separator === undefined ? 1 : 2, file, goesOn);
  const { columns, line } = header;
  const groupBy = groupColumn(header, grouping, file);
  const table = { file, dialect, columns, line, ...(groupBy === undefined ? {} : { groupBy }) };
  const rows = cutSlices(bytesFrom(before + header.bytes), new CsvCutter(dialect), {
    ...cutting,
    newline: dialect.newline.charCodeAt(0),
    line: header.nextLine,
    oversize: {
      maxBytes: MAX_RECORD_BYTES,
      problem: TOO_LARGE,
      tornBytes: MAX_QUOTED_BYTES,
    },
  });
  const slices = groupBy === undefined ? rows : wholeGroups(rows, table, groupBy);
  return { head: { format: 'csv', table }, slices };
}

/** The list that is in the object which the file holds. */
function openList({ file, head, bytesFrom, cutting }: Opening, list: JsonList): Opened {
  const inList = new ListBytes(file);
  const elements = skip(inBlocks(inList.read(bytesFrom(list.offset)), cutting.sliceBytes), 1);
  const line = 1 + countByte(head.subarray(0, list.offset), LF);
  return {
    head: { format: 'json' },
    slices: cutJson(elements, true, line, cutting),
    texts: { before: list.texts, after: () => inList.after() },
  };
}

function openRecords({ head, bytesFrom, cutting }: Opening, format: 'ndjson' | 'json'): Opened {
  if (format === 'ndjson') {
    const oversize = { maxBytes: MAX_RECORD_BYTES, problem: TOO_LARGE };
    const lines = cutSlices(bytesFrom(0), new LineCutter(), { ...cutting, newline: LF, line: 1, oversize });
    return { head: { format }, slices: lines };
  }
  const start = head.findIndex((byte) => byte > 0x20);
  const isArray = head[start] === 0x5b;
  const skipped = isArray ? start + 1 : 0;
  const line = 1 + countByte(head.subarray(0, skipped), LF);
  return { head: { format }, slices: cutJson(bytesFrom(skipped), isArray, line, cutting) };
}

/**
 * Cuts the elements of a JSON array whose opening bracket was taken off, or values one after the other.
 *
 * @param line 1-based; on which the chunks begin.
 */
async function* cutJson(
  chunks: AsyncIterable<Buffer>,
  isArray: boolean,
  line: number,
  cutting: Cutting,
): AsyncGenerator<Slice> {
  const cutter = new JsonCutter();
  const oversize = { maxBytes: MAX_RECORD_BYTES, problem: TOO_LARGE };
  let isLastUnread = false;
  let end = line;
  for await (const slice of cutSlices(chunks, cutter, { ...cutting, newline: LF, line, oversize })) {
    isLastUnread = slice.problem !== undefined;
    end = slice.line + countByte(slice.bytes, LF);
    yield slice.problem === undefined ? slice : fromRecordOn(slice);
  }
  // Where the end of a record is missing that is read, that says so.
  if (isArray && !cutter.closed && (isLastUnread || !cutter.unfinished)) {
    yield { bytes: new Uint8Array(), line: end, problem: ENDS_EARLY };
  }
}

async function* skip(chunks: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const chunk of chunks) {
    if (left < chunk.length || isPause(chunk)) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
