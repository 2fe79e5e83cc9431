/** The environment of a program whose clock is so many days ahead; less than 0: behind. */
export function clockAhead(days: number): Record<string, string> {
  const script = `
    const System = Date;
    const now = () => System.now() + ${days * 86_400_000};
    globalThis.Date = class extends System {
      constructor(...parts) { if (parts.length === 0) super(now()); else super(...parts); }
      static now() { return now(); }
    };`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
}
