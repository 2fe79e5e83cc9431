import type { Member } from '../audience/member.js';

/** A member's line begins with the first letter of the doubt, or with another character; `b` for `both` in earlier versions. */
const DOUBTS = ['add', 'update', 'drop', 'both', 'part'] as const;
/** A line of `both` is one of `add` with this at its end: versions that do not know it read it as that, and add them again. */
const BOTH = 'both';

/** The line of a member in a members file, without its end: doubt, generation, identifiers and subject, by tabs. */
export function toLine({ inDoubt, generation, identifiers, subject }: Member): string {
  const line = `\t${generation}\t${identifiers}\t${subject}`;
  return inDoubt === BOTH ? `a${line}\t${BOTH}` : `${inDoubt?.charAt(0) ?? '-'}${line}`;
}

/** Whether a line is of someone who is not counted as a member; see `isCounted`. */
export function isPerhapsMember(line: string): boolean {
  return /^[abp]\t/.test(line);
}

/** The member that {@link toLine} wrote. */
export function toMember(line: string): Member {
  const [doubt, generation = '0', identifiers = '', subject = '', both] = line.split('\t');
  const inDoubt = both === BOTH ? BOTH : DOUBTS.find((each) => each.charAt(0) === doubt);
  return {
    identifiers,
    subject,
    generation: Number(generation),
    ...(inDoubt === undefined ? {} : { inDoubt }),
  };
}
