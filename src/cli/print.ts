import { printableJson } from '../printable.js';

/** Prints a result on standard output: with `--json` as one value on one line, else as `text`, which ends its last line. */
export function print({ json }: { readonly json?: boolean }, value: unknown, text: () => string): void {
  process.stdout.write(json === true ? `${printableJson(value)}\n` : text());
}
