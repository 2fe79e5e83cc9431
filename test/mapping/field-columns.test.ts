import { describe, expect, it } from 'vitest';
import type { MappingEntry } from '../../src/config/config.js';
import type { JsonObject } from '../../src/interfaces.js';
import { createColumnOf } from '../../src/mapping/field-columns.js';

const COLUMNS = ['Order Number', 'Paid at', 'Created at', 'Email', 'Total', 'First Name', 'traits'];

/** The column of a field of one row, whose empty cells are left out. */
function columnOf(
  field: string,
  row: Readonly<Record<string, string>>,
  { fields = {}, configured = {} }: { fields?: JsonObject; configured?: Record<string, string[]> } = {},
): string | undefined {
  const mappings: MappingEntry[] = [{ name: 'Send', preset: 'send', fields }];
  const find = createColumnOf(mappings, { columns: new Map(Object.entries(configured)) });
  return find({ kind: 'row', columns: COLUMNS, cells: COLUMNS.map((column) => row[column] ?? '') }, field);
}

describe('the column that a field was read from', () => {
  it.each([
    ['eventDetails.amount', 'Total'],
    ['eventDetails.confirmationref', 'Order Number'],
    ['user_identities.email', 'Email'],
    ['user_attributes.firstname', 'First Name'],
  ])('of %s is %s', (field, column) => {
    const row = { 'Order Number': '1', Email: 'a@x.com', Total: 'ten', 'First Name': 'A' };
    expect(columnOf(field, row)).toBe(column);
  });

  it('is the one that has the value, where several may', () => {
    const field = 'eventDetails.timestamp_unixtime_ms';
    expect(columnOf(field, { 'Paid at': 'yesterday', 'Created at': '2026-05-01' })).toBe('Paid at');
    expect(columnOf(field, { 'Created at': 'yesterday' })).toBe('Created at');
  });

  it('is the one that source.columns leads there', () => {
    const configured = { 'Created at': ['properties.revenue'] };
    const row = { Total: '1', 'Created at': 'no amount' };
    expect(columnOf('eventDetails.amount', row, { configured })).toBe('Created at');
  });

  it('is one with JSON, where the value is in that', () => {
    expect(columnOf('user_identities.email', { traits: '{"email":"a@x.com"}' })).toBe('traits');
  });

  it('is the one that a directive of the config reads', () => {
    const fields = { eventProperties: { who: { '@path': "$.properties['Order Number']" } } };
    const configured = { 'Order Number': ['properties.Order Number'] };
    expect(columnOf('eventProperties.who', { 'Order Number': '1' }, { fields, configured })).toBe(
      'Order Number',
    );
  });

  it.each([
    ['two columns', { '@template': '{{properties.order_id}}-{{properties.revenue}}' }],
    ['no column', 'always this'],
  ])('is not told of what is made of %s', (_, made) => {
    const fields = { eventProperties: { who: made } };
    expect(columnOf('eventProperties.who', { 'Order Number': '1', Total: '2' }, { fields })).toBeUndefined();
  });

  it('is not told of an empty cell, or of a field that the mapping does not have', () => {
    expect(columnOf('eventDetails.amount', { Email: 'a@x.com' })).toBeUndefined();
    expect(columnOf('eventDetails.unheard', { Total: '1' })).toBeUndefined();
  });

  it('is not told of what is no row of a table', () => {
    const find = createColumnOf([{ name: 'Send', preset: 'send', fields: {} }], { columns: new Map() });
    expect(find({ kind: 'object', value: { Total: 'ten' } }, 'eventDetails.amount')).toBeUndefined();
    expect(find({ kind: 'text', text: '1,2' }, 'eventDetails.amount')).toBeUndefined();
  });
});
