import { expect, it } from 'vitest';
import { createThrowawayIndex } from '../../src/state/delivered-index.js';
import { ThrowawayLog } from '../../src/state/delivery-log.js';
import { InFlight } from '../../src/state/in-flight.js';
import { identify } from '../../src/state/keys.js';

it('a dry run that does not know the account finds what was delivered for any of them, and takes the rest as its own', () => {
  const earlier = createThrowawayIndex();
  const key = (messageId: string) => ({ messageId, mapping: 'Send' });
  earlier.add(identify('first', key('a')));
  earlier.add(identify('second', key('b')));
  const past = { index: earlier, inFlight: new InFlight() };
  const log = new ThrowawayLog(['own', 'first', 'second'], createThrowawayIndex(), past);
  for (const [messageId, scope] of [
    ['a', 'first'],
    ['b', 'second'],
    ['c', 'own'],
  ] as const) {
    const id = log.identify(key(messageId));
    expect([...id]).toEqual([...identify(scope, key(messageId))]);
    expect(log.isDelivered(id)).toBe(scope !== 'own');
  }
  const one = new ThrowawayLog(['own'], createThrowawayIndex(), past);
  expect(one.isDelivered(one.identify(key('a')))).toBe(false);
  earlier.close();
});
