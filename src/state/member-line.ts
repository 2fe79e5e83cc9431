import type { Member } from '../audience/member.js';

/** A member's line begins with the first letter of the doubt, or with another character. */
const DOUBTS = ['add', 'update', 'drop', 'both', 'part'] as const;
/** Lines of these begin as those of `add` and end with the whole word: versions that do not know them add them again. */
const ADDED_AGAIN: ReadonlySet<string | undefined> = new Set(['both', 'part']);

/** The line of a member in a members file, without its end: doubt, generation, identifiers and subject, by tabs. */
export function toLine({ inDoubt, generation, identifiers, subject }: Member): string {
  const line = `\t${generation}\t${identifiers}\t${subject}`;
  return ADDED_AGAIN.has(inDoubt) ? `a${line}\t${inDoubt}` : `${inDoubt?.charAt(0) ?? '-'}${line}`;
}

/** Whether a line is of someone who is not counted as a member; see `isCounted`. */
export function isPerhapsMember(line: string): boolean {
  return /^[abp]\t/.test(line);
}

/** The member that {@link toLine} wrote, or an earlier version, in which `both` and `part` have letters of their own. */
export function toMember(line: string): Member {
  const [letter, generation = '0', identifiers = '', subject = '', word] = line.split('\t');
  const inDoubt = DOUBTS.find((each) => (word === undefined ? each.charAt(0) === letter : each === word));
  return {
    identifiers,
    subject,
    generation: Number(generation),
    ...(inDoubt === undefined ? {} : { inDoubt }),
  };
}
