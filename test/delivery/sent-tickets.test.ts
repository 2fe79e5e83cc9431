import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SentTickets, type Ticket } from '../../src/delivery/sent-tickets.js';

const time = fc.integer({ min: 0, max: 60 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), at: time, batches: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant('move' as const), which: fc.nat(40), at: time }),
  fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(40) }),
  fc.record({ kind: fc.constant('drop' as const), until: fc.integer({ min: 0, max: 30 }) }),
);

it('says what any second holds as a plain list does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), time, fc.nat(40), (steps, when, ms) => {
      const sent = new SentTickets();
      const made: Ticket[] = [];
      let list: Ticket[] = [];
      const sort = (): unknown => list.sort((a, b) => a.at - b.at);
      for (const each of steps) {
        if (each.kind === 'add') {
          const { at, batches } = each;
          const ticket = { at, arrivedBy: 0, sentAt: at, batches, counted: false };
          made.push(ticket);
          list.push(ticket);
          sent.add(ticket);
        } else if (each.kind === 'drop') {
          list = list.filter(({ at }) => at > each.until);
          sent.dropUntil(each.until);
        } else {
          const ticket = made[each.which % Math.max(1, made.length)];
          if (ticket === undefined) continue;
          if (each.kind === 'cancel') sent.cancel(ticket);
          else sent.move(ticket, each.at);
        }
        sort();
        expect([...sent].map(({ at }) => at)).toEqual(list.map(({ at }) => at));
        expect(new Set(sent)).toEqual(new Set(list));
        expect(sent.isEmpty).toBe(list.length === 0);
        const held = list.filter(({ at }) => at + ms > when);
        expect(sent.since(when, ms)).toBe(held.reduce((sum, { batches }) => sum + batches, 0));
        expect(sent.at(sent.firstSince(when, ms))).toBe(held[0]?.at);
      }
    }),
  );
});
