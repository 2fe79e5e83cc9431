import { createInterface, type Interface } from 'node:readline';

/** Ctrl-C or Ctrl-D has answered a question. */
export class Cancelled extends Error {}

/** A question, and what answers it. */
export interface Question {
  readonly text: string;
  /** What an empty line answers. */
  readonly preferred: string;
  /** What an answer means; undefined where it means nothing. */
  readonly read: (answer: string) => string | undefined;
  /** What is said to one that means nothing, before the question is asked again. */
  readonly refusal: string;
}

/**
 * Asks the person at the terminal one question after the other. Lines that are pasted, or typed before they are asked for,
 * answer the questions that follow.
 */
export class Questions {
  readonly #terminal: Interface;
  readonly #early: string[] = [];
  #onLine: ((line: string | undefined) => void) | undefined;
  #isClosed = false;

  constructor() {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    terminal.on('line', (line) => {
      const answered = this.#onLine;
      // Of a paste, the next line comes before whoever asked goes on.
      this.#onLine = undefined;
      if (answered === undefined) this.#early.push(line);
      else answered(line);
    });
    terminal.once('close', () => {
      this.#isClosed = true;
      this.#onLine?.(undefined);
    });
    // Node leaves it paused after Ctrl-Z and fg: with nothing left to wait for, the program would end.
    terminal.on('SIGCONT', () => terminal.resume());
    this.#terminal = terminal;
  }

  /** @throws Cancelled */
  async ask({ text, preferred, read, refusal }: Question): Promise<string> {
    for (;;) {
      const answer = (await this.#answerTo(`${text} [${preferred}] `)).trim();
      const meant = answer === '' ? preferred : read(answer);
      if (meant !== undefined) return meant;
      process.stdout.write(`${refusal}\n`);
    }
  }

  /**
   * Asks for one of several words. Each may be shortened to what no other one begins with.
   *
   * @throws Cancelled
   */
  choose(text: string, among: readonly string[], preferred: string): Promise<string> {
    const words = among.join(', ');
    return this.ask({
      text: `${text} (${words})`,
      preferred,
      read: (answer) => {
        const begun = among.filter((word) => word.startsWith(answer.toLowerCase()));
        return begun.length === 1 ? begun[0] : undefined;
      },
      refusal: `Please answer with one of: ${words}.`,
    });
  }

  /** Gives the terminal back. */
  close(): void {
    this.#terminal.close();
  }

  async #answerTo(prompt: string): Promise<string> {
    const early = this.#early.shift();
    if (early !== undefined) {
      process.stdout.write(`${prompt}${early}\n`);
      return early;
    }
    if (this.#isClosed) throw new Cancelled();
    const line = await new Promise<string | undefined>((resolve) => {
      this.#onLine = resolve;
      this.#terminal.setPrompt(prompt);
      this.#terminal.prompt();
    });
    if (line === undefined) throw new Cancelled();
    return line;
  }
}
