import { describe, expect, it } from 'vitest';
import { compileField, FieldReader, fieldOf } from '../../src/mapping/field-reader.js';

const EVENT = { properties: { a: 1, b: 'x' }, traits: { b: 'y' } };

describe('the parts of a field', () => {
  it('are the same whether the config has the object or a directive makes it', () => {
    const written = compileField({ a: { '@path': '$.properties.a' }, b: { '@path': '$.traits.b' } }, []);
    const made = compileField(
      { '@merge': { objects: [{ '@path': '$.properties' }, { '@path': '$.traits' }] } },
      [],
    );
    for (const field of [written, made]) {
      const reader = new FieldReader(new Map([['eventDetails', field]]));
      expect(reader.part('eventDetails', 'a')(EVENT)).toBe(1);
      expect(reader.part('eventDetails', 'b')(EVENT)).toBe('y');
      expect(reader.part('eventDetails', 'constructor')(EVENT)).toBeUndefined();
      expect(reader.whole('eventDetails')(EVENT)).toEqual({ a: 1, b: 'y' });
    }
  });

  it('are nothing where the field is no object, or is not there', () => {
    const reader = new FieldReader(new Map([['ip', compileField('203.0.113.7', [])]]));
    expect(reader.part('ip', 'length')(EVENT)).toBeUndefined();
    expect(reader.part('rtid', 'x')(EVENT)).toBeUndefined();
    expect(reader.whole('rtid')(EVENT)).toBeUndefined();
    expect(reader.parts('rtid')).toEqual(new Map());
  });

  it('are asked for once an event where a directive makes them', () => {
    const asked: unknown[] = [];
    const field = fieldOf((event) => {
      asked.push(event);
      return { a: 1, b: 2 };
    });
    const reader = new FieldReader(new Map([['f', field]]));
    const [a, b] = [reader.part('f', 'a'), reader.part('f', 'b')];
    const [first, second] = [{ n: 1 }, { n: 2 }];
    expect([a(first), b(first), a(second), b(second)]).toEqual([1, 2, 1, 2]);
    expect(asked).toEqual([first, second]);
  });
});
