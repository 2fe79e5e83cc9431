/** How much time of a processor `work` takes, in ms: on a busy machine no more than on an idle one. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
