import { resolve } from 'node:path';
import { AtomicFile, unwritableFile } from '../atomic-file.js';
import type { UserError } from '../errors.js';

/** The file of `--out`. Once it cannot be written nothing is left of it. */
export class OutFile {
  readonly #path: string;
  readonly #file: AtomicFile;

  private constructor(path: string, file: AtomicFile) {
    this.#path = path;
    this.#file = file;
  }

  /** @throws UserError `OUT_UNWRITABLE`, as {@link write} and {@link end} do. */
  static async create(name: string): Promise<OutFile> {
    const path = resolve(name);
    return new OutFile(path, await AtomicFile.create(path, 'OUT_UNWRITABLE'));
  }

  /** Appends bytes; resolves when there is room for more. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#orNothing(() => this.#file.write(bytes));
  }

  /**
   * Gives it its name, or leaves nothing behind where the run has failed or was stopped. A failure to write is thrown
   * again: a dry run that cannot write what was asked for has nothing else to report.
   */
  async end(failure: UserError | undefined, stopped: boolean): Promise<void> {
    if (failure?.code === 'OUT_UNWRITABLE') throw failure;
    const isWhole = failure === undefined && !stopped;
    await (isWhole ? this.#orNothing(() => this.#file.commit()) : this.#file.discard());
  }

  async #orNothing(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (cause) {
      await this.#file.discard().catch(() => undefined);
      throw unwritableFile(this.#path, 'OUT_UNWRITABLE', cause);
    }
  }
}
