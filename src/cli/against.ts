import type { Config } from '../config/config.js';
import { EXIT, UserError } from '../errors.js';
import type { InputRecord } from '../input/input-record.js';
import { LineWatch } from '../input/line-watch.js';
import { isPipe } from '../input/look-at.js';
import { type OpenedInput, openInputs } from '../input/open.js';
import type { DeliveryIds } from '../interfaces.js';
import { createPreparer, type Outcome, type PreparedRecord } from '../payload/prepare.js';
import { Comparer, type Comparison, diffRecords } from '../report/comparison.js';
import { formatRecordDiff, type RecordDiff } from '../report/comparison-text.js';
import { createThrowawayIndex } from '../state/delivered-index.js';
import { identify } from '../state/keys.js';
import { compileConfigured, inputOptionsOf, openConfig, payloadOptionsOf } from './configured.js';
import type { ValidateOptions } from './options.js';
import { print } from './print.js';
import { endpointOf } from './target.js';

/** One of the two configs, with the input opened as it says. */
interface Side {
  readonly config: Config;
  readonly inputs: readonly OpenedInput[];
  readonly prepare: (record: InputRecord) => PreparedRecord;
}

/**
 * Compares, record by record, what the config of a run and another one (`--against`) make of the same input. Each reads
 * the input for itself, so that columns and groups may differ too.
 *
 * @throws UserError for wrong usage, either config, and input that cannot be read.
 */
export async function compareConfigs(
  files: readonly string[],
  options: ValidateOptions & { readonly against: string },
): Promise<Comparison> {
  const [before, now] = await openSides(files, options);
  const isElsewhere =
    endpointOf(before.config, options) !== endpointOf(now.config, options) ||
    before.config.environment !== now.config.environment;
  const { resendChanged } = now.config.delivery;
  const comparer = new Comparer({ against: options.against, isElsewhere, resendChanged });
  for (const [index, file] of files.entries()) {
    for await (const [then, after] of inPairs(recordsOf(before, index), recordsOf(now, index))) {
      comparer.add(file, then, after);
    }
  }
  return comparer.take();
}

/**
 * `--against` with `--show`: prints how the batches of one record differ.
 *
 * @throws as {@link compareConfigs}, and UserError `LINE_WITHOUT_RECORD`.
 */
export async function showAgainst(
  file: string,
  options: ValidateOptions & { readonly against: string; readonly show: number },
): Promise<void> {
  const [before, now] = await openSides([file], options);
  const [then, after] = [await recordOn(options.show, before, file), await recordOn(options.show, now, file)];
  const diff: RecordDiff = {
    file,
    line: after.line,
    against: options.against,
    before: describe(then.outcome),
    now: describe(after.outcome),
    deliveries: diffRecords(then, after),
  };
  print(options, diff, () => formatRecordDiff(diff));
  process.exitCode = EXIT.ok;
}

async function openSides(
  files: readonly string[],
  options: ValidateOptions & { readonly against: string },
): Promise<readonly [before: Side, now: Side]> {
  const pipe = files.find(isPipe);
  if (pipe !== undefined) {
    throw new UserError(
      'OPTION_CONFLICT',
      '--against reads its input twice, which is not possible with standard input or a pipe.',
      { hint: 'Write it to a file first.', place: { file: pipe } },
    );
  }
  const nowMs = Date.now();
  const open = async (path: string | undefined): Promise<Side> => {
    const config = openConfig(path);
    const mappings = compileConfigured(config, config.mappings);
    return {
      config,
      inputs: await openInputs(files, process.stdin, inputOptionsOf(config, options)),
      prepare: withDuplicates((ids) =>
        createPreparer(mappings, payloadOptionsOf(config, options, nowMs), ids),
      ),
    };
  };
  return [await open(options.against), await open(options.config)];
}

/**
 * What is compared does not depend on what earlier runs delivered; but of two records with one id, the second is none
 * that is sent.
 */
function withDuplicates(
  create: (ids: DeliveryIds) => (record: InputRecord) => PreparedRecord,
): (record: InputRecord) => PreparedRecord {
  // On disk where there are many: of ten million, a set in memory would take as many times 50 bytes.
  const seen = createThrowawayIndex();
  const prepare = create({
    identify: (key) => identify('', key),
    isDelivered: (id) => seen.get(id) !== undefined,
  });
  return (record) => {
    const prepared = prepare(record);
    if (prepared.outcome.kind === 'ready') for (const { id } of prepared.outcome.deliveries) seen.add(id);
    return prepared;
  };
}

async function* recordsOf({ inputs, prepare }: Side, index: number): AsyncGenerator<PreparedRecord> {
  const input = inputs[index];
  if (input === undefined) return;
  for await (const slice of input.slices) {
    for (const record of input.read(slice)) yield prepare(record);
  }
}

async function recordOn(line: number, { inputs, prepare }: Side, file: string): Promise<PreparedRecord> {
  const watch = new LineWatch(line);
  for (const input of inputs) {
    for await (const _ of watch.watch(input).slices);
  }
  return prepare(watch.found(file));
}

/** Records that begin on the same line, in the order of the file; one whose line only one side has comes alone. */
async function* inPairs(
  before: AsyncIterator<PreparedRecord>,
  now: AsyncIterator<PreparedRecord>,
): AsyncGenerator<readonly [PreparedRecord | undefined, PreparedRecord | undefined]> {
  let [then, after] = [await nextOf(before), await nextOf(now)];
  while (then !== undefined || after !== undefined) {
    const lead = (then?.line ?? Number.POSITIVE_INFINITY) - (after?.line ?? Number.POSITIVE_INFINITY);
    yield [lead <= 0 ? then : undefined, lead >= 0 ? after : undefined];
    if (lead <= 0) then = await nextOf(before);
    if (lead >= 0) after = await nextOf(now);
  }
}

async function nextOf(records: AsyncIterator<PreparedRecord>): Promise<PreparedRecord | undefined> {
  const next = await records.next();
  return next.done === true ? undefined : next.value;
}

function describe(outcome: Outcome): string {
  if (outcome.kind === 'ready') return 'sent';
  if (outcome.kind === 'rejected') return `rejected (${outcome.problem.code})`;
  return outcome.kind === 'delivered' ? 'duplicate' : 'skipped';
}
