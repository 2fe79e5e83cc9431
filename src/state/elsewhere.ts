import { UserError } from '../errors.js';
import { type Scope, scopeId } from './keys.js';
import { readState } from './state-file.js';

/**
 * Checks that the state is not another one than that in the working directory which earlier runs to the same account have
 * kept: since then a config has come that lies elsewhere, and the default state lies beside that.
 *
 * @param directory that of this run.
 * @param before where it would be without a config.
 * @throws UserError `STATE_ELSEWHERE`; `STATE_DAMAGED`, `STATE_TOO_NEW`, `STATE_UNREADABLE`.
 */
export function checkNotElsewhere(directory: string, before: string, scope: Scope): void {
  if (directory === before || knows(directory, scope) || !knows(before, scope)) return;
  throw new UserError(
    'STATE_ELSEWHERE',
    `Earlier runs to this account have their state here, and the one in ${directory} knows of none: all that they delivered would be sent again.`,
    {
      hint: 'Move the directory there, or name it with --state, or as state in the config. If those runs are not to count, give it another name.',
      place: { file: before },
    },
  );
}

/** Whether a state has had runs to this account. */
function knows(directory: string, scope: Scope): boolean {
  const state = readState(directory);
  return state?.scopes.some(({ id }) => id === scopeId(state.secret, scope)) === true;
}
