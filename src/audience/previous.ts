import { UserError } from '../errors.js';
import type { InputRecord } from '../input/input-record.js';
import type { OpenedInput } from '../input/open.js';
import { wholeEvent } from '../input/whole-event.js';
import type { Problem } from '../interfaces.js';
import type { PreparedRecord } from '../payload/prepare.js';
import type { Spool } from '../spool.js';
import { subjectOf } from './entry.js';
import { isCutShort, ofRejects } from './guards.js';
import type { Member } from './member.js';
import { createMemberTest, unclearMembership } from './own-trait.js';
import { identifiersOf } from './person.js';
import { toIdentify } from './profile.js';

/**
 * The members that an earlier snapshot had: what `--previous` takes the place of the state with. Who cannot be read or
 * found by anything is no member.
 *
 * @throws UserError `AUDIENCE_OF_REJECTS`, `AUDIENCE_TRUNCATED`, `AUDIENCE_NAME_MISSING`, and what reading throws.
 */
export async function readMembersOf(
  input: OpenedInput,
  options: {
    readonly key: string;
    readonly prepare: (record: InputRecord) => PreparedRecord;
    /** See `person.ts`. */
    readonly secret: string;
    /** Keeps them, for as long as they are asked for. */
    readonly spool: Spool;
    /** Is called with what cannot be read, and its line: whoever is meant there does not leave. */
    readonly warn: (problem: Problem, line: number) => void;
  },
): Promise<() => AsyncIterable<Member>> {
  const { key, prepare, secret, spool, warn } = options;
  const seen = new Set<string>();
  const saidBy = createMemberTest(key);
  for await (const slice of input.slices) {
    for (const record of input.read(slice)) {
      if (record.fromRejects === true) throw ofRejects(input.file, record.line);
      const { content, line } = record;
      if (content.kind === 'unreadable') {
        if (isCutShort(content.problem)) throw cutShort(input.file, line);
        const { code, message } = content.problem;
        warn(
          { code, message: `${message} It was passed over, so whoever it stands for does not leave.` },
          line,
        );
        continue;
      }
      const profile = wholeEvent(content.event);
      const said = saidBy(record, profile);
      if (said === 'unclear') throw unclearMembership({ file: input.file, line });
      if (said !== 'member') continue;
      const event = toIdentify(record, profile, { key, generation: 0 });
      const { outcome } = prepare({ ...record, content: { kind: 'event', event } });
      const [delivery] = outcome.kind === 'ready' ? outcome.deliveries : [];
      if (delivery === undefined) continue;
      const identifiers = identifiersOf(delivery.batch, secret);
      const [strongest = ''] = identifiers;
      if (seen.has(strongest)) continue;
      seen.add(strongest);
      spool.add(
        JSON.stringify({
          identifiers: identifiers.join(','),
          subject: subjectOf(delivery.batch),
          generation: 0,
          line,
        }),
      );
    }
  }
  return async function* members(): AsyncGenerator<Member> {
    for (const line of spool.lines()) {
      const member: Member = JSON.parse(line);
      yield member;
    }
  };
}

function cutShort(file: string, line: number): UserError {
  return new UserError(
    'AUDIENCE_TRUNCATED',
    'The earlier snapshot ends early, or is not valid JSON here: members who are missing from it would never leave.',
    { hint: 'Give --previous a whole snapshot; nothing was sent.', place: { file, line } },
  );
}
