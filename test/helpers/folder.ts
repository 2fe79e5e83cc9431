import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** A fresh empty directory, and a function that removes it. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'rokt-capi-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * Gives each test of a file a folder of its own, which is gone after it: to be called once, at the head of the file.
 * `write` puts a file into it, and gives back its name.
 */
export function useFolder(): {
  readonly path: string;
  readonly write: (name: string, content: string | Buffer) => string;
} {
  let folder: ReturnType<typeof temporaryDirectory> | undefined;
  const path = (): string => folder?.path ?? '';
  beforeEach(() => {
    folder = temporaryDirectory();
  });
  afterEach(() => folder?.remove());
  return {
    get path() {
      return path();
    },
    write: (name, content) => {
      writeFileSync(join(path(), name), content);
      return name;
    },
  };
}
