/**
 * V8's flag for how much code runs before it is optimized; none where V8 has no such flag, since it complains of that
 * on standard error, on each run: a cron job would send mail every night.
 *
 * @param bytes of bytecode.
 * @param node the version of Node, as in `process.versions.node`.
 */
export function interruptBudget(bytes: number, node: string): readonly string[] {
  return node.startsWith('20.') ? [`--interrupt-budget=${bytes}`] : [];
}
