import { expect, it } from 'vitest';
import { nearest } from '../../src/config/nearest.js';

it.each([
  ['orderId', ['order_id', 'total'], 'order_id'],
  ['TOTAL', ['order_id', 'total'], 'total'],
  ['Bestellung', ['order_id', 'total'], undefined],
  ['Bestellung', ['💰 Total'], undefined],
  ['💰 Totl', ['Total', '💰 Total'], '💰 Total'],
])('of the names that there are, %s is most likely meant to be', (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});
