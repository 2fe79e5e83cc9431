/** Numbers one after the other: a list that lives long, is filled and emptied again and again, and keeps nothing alive. */
export class NumberList {
  #numbers = new Float64Array(512);
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds a number. */
  push(number: number): void {
    if (this.#length === this.#numbers.length) this.#grow();
    this.#numbers[this.#length] = number;
    this.#length += 1;
  }

  /** Adds several numbers. */
  pushAll(numbers: ArrayLike<number>): void {
    for (let index = 0; index < numbers.length; index += 1) this.push(numbers[index] ?? 0);
  }

  /** The numbers; a view, valid until the next call. */
  get view(): Float64Array {
    return this.#numbers.subarray(0, this.#length);
  }

  /** Forgets them. */
  clear(): void {
    this.#length = 0;
  }

  #grow(): void {
    const larger = new Float64Array(this.#length * 2);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}
