import { Readable } from 'node:stream';
import type { InputRecord } from '../../src/input/input-record.js';
import { openInputs } from '../../src/input/open.js';
import { wholeEvent } from '../../src/input/whole-event.js';
import type { InputFormat, SegmentEvent } from '../../src/interfaces.js';

/** How a test reads. */
export interface ReadOptions {
  readonly format?: InputFormat;
  readonly columns?: Readonly<Record<string, readonly string[]>>;
  /** As of `--event`. */
  readonly event?: string;
  /** Bytes in a chunk, and about in a slice; default: all in one. */
  readonly chunkBytes?: number;
}

/** Reads `content` as standard input, cut into chunks. */
export async function readAll(content: string | Buffer, options: ReadOptions = {}): Promise<InputRecord[]> {
  const bytes = Buffer.from(content);
  const size = options.chunkBytes ?? Math.max(1, bytes.length);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  const [input] = await openInputs(
    ['-'],
    Readable.from(chunks, { objectMode: false }),
    {
      ...(options.format === undefined ? {} : { format: options.format }),
      ...(options.event === undefined ? {} : { event: options.event }),
      columns: new Map(Object.entries(options.columns ?? {})),
    },
    size,
  );
  const records: InputRecord[] = [];
  if (input !== undefined) for await (const slice of input.slices) records.push(...input.read(slice));
  return records;
}

/** The events of the records that could be read. */
export function eventsOf(records: readonly InputRecord[]): SegmentEvent[] {
  return records.flatMap(({ content }) => (content.kind === 'event' ? [wholeEvent(content.event)] : []));
}

/** Line and code of each record that could not be read. */
export function problemsOf(records: readonly InputRecord[]): [number, string][] {
  return records.flatMap(({ line, content }) =>
    content.kind === 'unreadable' ? [[line, content.problem.code]] : [],
  );
}
