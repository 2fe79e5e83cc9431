/** A request that was let go: what `Pacer.acquire` gives and `Pacer.onAnswer` takes. */
export interface Ticket {
  /** When it is taken to have reached the server; on the pacer's clock, in ms. */
  at: number;
  /** When it had surely reached the server; infinite until it is answered. */
  arrivedBy: number;
  readonly sentAt: number;
  /** 0 once the server has refused to count it. */
  batches: number;
  /** Whether the server has said that it counts it. */
  counted: boolean;
}

/**
 * The tickets of what was sent lately, in order of arrival, with how many batches went before each: how many a second
 * holds is known without going through them, of which there may be thousands.
 */
export class SentTickets {
  readonly #tickets: Ticket[] = [];
  /** Of each ticket, the batches of all that came before it, also of those that were dropped. */
  readonly #before: number[] = [];
  #all = 0;

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#tickets.length === 0;
  }

  /** Adds one that arrives after all others. */
  add(ticket: Ticket): void {
    this.#tickets.push(ticket);
    this.#before.push(this.#all);
    this.#all += ticket.batches;
    this.#moveFrom(this.#tickets.length - 1);
  }

  /** Drops those that arrived at a time or before it. */
  dropUntil(time: number): void {
    while ((this.#tickets[0]?.at ?? Number.POSITIVE_INFINITY) <= time) {
      this.#tickets.shift();
      this.#before.shift();
    }
  }

  /** Sets when a ticket is taken to have arrived. */
  move(ticket: Ticket, at: number): void {
    ticket.at = at;
    const index = this.#tickets.lastIndexOf(ticket);
    if (index >= 0) this.#moveFrom(index);
  }

  /** A ticket no longer counts. */
  cancel(ticket: Ticket): void {
    ticket.batches = 0;
    const index = this.#tickets.lastIndexOf(ticket);
    if (index >= 0) this.#sumFrom(index);
  }

  /** Batches that arrived less than so many ms before a time, or after it. */
  since(time: number, ms: number): number {
    const first = this.firstSince(time, ms);
    return this.#all - (this.#before[first] ?? this.#all);
  }

  /** The index of the first one that arrived less than so many ms before a time, or after it. */
  firstSince(time: number, ms: number): number {
    let low = 0;
    let high = this.#tickets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      // Adding to what was taken for a time to wait until gives just that time; subtracting from it may not.
      if ((this.#tickets[middle]?.at ?? 0) + ms > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** When the one with this index arrived; undefined past the last one. */
  at(index: number): number | undefined {
    return this.#tickets[index]?.at;
  }

  /** In order of arrival. */
  [Symbol.iterator](): Iterator<Ticket> {
    return this.#tickets.values();
  }

  /** Brings the one with this index, which alone may be out of order, to its place. */
  #moveFrom(from: number): void {
    const tickets = this.#tickets;
    const ticket = tickets[from];
    if (ticket === undefined) return;
    let to = from;
    for (let other = tickets[to - 1]; other !== undefined && other.at > ticket.at; other = tickets[to - 1]) {
      tickets[to] = other;
      to -= 1;
    }
    for (let other = tickets[to + 1]; other !== undefined && other.at < ticket.at; other = tickets[to + 1]) {
      tickets[to] = other;
      to += 1;
    }
    tickets[to] = ticket;
    if (to !== from) this.#sumFrom(Math.min(from, to));
  }

  /** Counts again what came before those after this index. */
  #sumFrom(index: number): void {
    let sum = this.#before[index] ?? 0;
    for (let each = index; each < this.#tickets.length; each += 1) {
      this.#before[each] = sum;
      sum += this.#tickets[each]?.batches ?? 0;
    }
    this.#all = sum;
  }
}
