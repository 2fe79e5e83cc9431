/** When V8 optimizes code, as its flags. */
export interface OptimizingFlags {
  /** For as long as a run may be a small one. */
  readonly start: readonly string[];
  /** For a large one, on top of those. */
  readonly large: readonly string[];
}

/**
 * V8's flags for how it optimizes; none that the V8 of this Node may not have, since it complains of that on standard
 * error, on each run: a cron job would send mail every night.
 *
 * @param node the version of Node, as in `process.versions.node`.
 */
export function optimizingFlags(node: string): OptimizingFlags {
  // To optimize what a small run calls some thousand times takes longer than it saves. A large one has V8's own budget.
  if (node.startsWith('20.'))
    return { start: ['--interrupt-budget=600000'], large: ['--interrupt-budget=67584'] };
  // It optimizes twice. The first time is no gain in a run of any size, and takes 30 MB of memory in a large one.
  if (/^2[46]\./.test(node)) return { start: ['--no-maglev'], large: [] };
  return { start: [], large: [] };
}
