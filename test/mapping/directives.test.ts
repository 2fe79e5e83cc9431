import { describe, expect, it } from 'vitest';
import type { MappingEntry } from '../../src/config/config.js';
import type { JsonObject, JsonValue } from '../../src/interfaces.js';
import { compileMappings } from '../../src/mapping/compile.js';
import { compileValue } from '../../src/mapping/directives.js';
import { MappingError } from '../../src/mapping/errors.js';

const DATA = {
  userId: 'u1',
  nothing: null,
  blank: '',
  zero: 0,
  off: false,
  empty: [],
  list: ['a', 'b'],
  properties: {
    total: 12.5,
    name: 'Ünal',
    'a b': { 'c.d': 7 },
    products: [
      { sku: 'A', price: 1 },
      { sku: 'B', price: 2 },
    ],
    nested: { x: { y: 1, list: [1, 2] }, z: null },
    text: '{"k":[1]}',
    open: '{{a[}}',
    '[Amplitude] Session ID': 's1',
    'Size[EU]': '42',
    'tags[]': 'new',
  },
};

const resolve = (mapping: JsonValue) => {
  const value = compileValue(mapping, [])(DATA);
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
};

describe('directives do what they do in Segment', () => {
  it.each<[string, JsonValue, unknown]>([
    ['@literal of what looks like a path', { '@literal': '$.properties.total' }, '$.properties.total'],
    ['@literal of what looks like a template', { '@literal': '{{a}}' }, '{{a}}'],
    ['a price', '$.99', '$.99'],
    ['@path', { '@path': '$.properties.total' }, 12.5],
    ['@path without $', { '@path': 'userId' }, 'u1'],
    ['@path into a list', { '@path': '$.properties.products[1].sku' }, 'B'],
    ['@path with quoted keys', { '@path': "$.properties['a b']['c.d']" }, 7],
    ['@path with double quotes', { '@path': '$.properties["a b"]["c.d"]' }, 7],
    ['@path to a name that begins with brackets', { '@path': '$.properties.[Amplitude] Session ID' }, 's1'],
    ['@path to a name with brackets in it', { '@path': '$.properties.Size[EU]' }, '42'],
    ['@path to a name with empty brackets', { '@path': '$.properties.tags[]' }, 'new'],
    ['@template in the braces of JSON', { '@template': '{"a":{"b":{{userId}}}}' }, '{"a":{"b":u1}}'],
    ['@template with three braces', { '@template': '{{{userId}}}{{{userId}}}}' }, 'u1u1}'],
    ['@template with such a name', { '@template': '{{properties.Size[EU]}}' }, '42'],
    ['@path with a key in brackets alone', { '@path': '$.properties.products[1][sku]' }, 'B'],
    ['@path to all of it', { '@path': '$' }, DATA],
    ['@path made to a number', { '@path': { '@path': '$.properties.total' } }, undefined],
    ['@path to what is not there', { '@path': '$.properties.none.deeper' }, undefined],
    ['@path to what only the prototype has', { '@path': '$.properties.constructor' }, undefined],
    ['@path made by a directive', { '@path': { '@template': '$.{{nothing}}userId' } }, 'u1'],
    ['@path made to one that cannot be read', { '@path': { '@template': '{{blank}}' } }, undefined],
    ['@path made with an open bracket', { '@path': { '@template': '$.a[{{userId}}' } }, undefined],
    [
      '@template chosen by a directive',
      { '@template': { '@if': { exists: { '@path': '$.userId' }, then: 'Hi {{userId}}', else: 'Hi' } } },
      'Hi u1',
    ],
    [
      '@path chosen by a directive',
      { '@path': { '@if': { exists: { '@path': '$.none' }, then: '$.none', else: '$.properties.total' } } },
      12.5,
    ],
    [
      '@template made of a path that cannot be read',
      { '@template': { '@template': 'a{{properties.open}}' } },
      undefined,
    ],
    [
      'a directive with what a workspace notes beside it',
      { '@path': '$.userId', _metadata: { label: 'x' } },
      'u1',
    ],
    ['@json of what is not there', { '@json': { mode: 'encode', value: { '@path': '$.none' } } }, undefined],
    ['@json of what is no text', { '@json': { mode: 'decode', value: { '@path': '$.list' } } }, ['a', 'b']],
    ['@merge with a text', { '@merge': { objects: [{ a: 1 }, { '@path': '$.userId' }] } }, { a: 1 }],
    ['@case lower', { '@case': { operator: 'lower', value: { '@path': '$.properties.name' } } }, 'ünal'],
    [
      '@json of an id beyond 2^53',
      { '@json': { mode: 'decode', value: '{"id":12345678901234567890}' } },
      { id: '12345678901234567890' },
    ],
    ['@template', { '@template': 'n={{properties.total}}, {{none}}!' }, 'n=12.5, !'],
    ['@template of a list', { '@template': 'x={{list}}' }, 'x=a,b'],
    ['@template of an object', { '@template': 'x={{properties.nested.x}}' }, 'x=[object Object]'],
    [
      '@if blank, on an object',
      { '@if': { blank: { '@merge': { objects: [{ a: 1 }], direction: 'left' } }, then: 'yes' } },
      'yes',
    ],
    ['@literal', { '@literal': true }, true],
    ['@if exists', { '@if': { exists: { '@path': '$.blank' }, then: 'yes', else: 'no' } }, 'yes'],
    ['@if exists, on null', { '@if': { exists: { '@path': '$.nothing' }, then: 'yes', else: 'no' } }, 'no'],
    ['@if blank', { '@if': { blank: { '@path': '$.blank' }, then: 'yes', else: 'no' } }, 'no'],
    ['@if blank, on 0', { '@if': { blank: { '@path': '$.zero' }, then: 'yes', else: 'no' } }, 'yes'],
    ['@if blank, on false', { '@if': { blank: { '@path': '$.off' }, then: 'yes', else: 'no' } }, 'yes'],
    ['@if blank, on []', { '@if': { blank: { '@path': '$.empty' }, then: 'yes', else: 'no' } }, 'no'],
    ['@if blank, on a list', { '@if': { blank: { '@path': '$.list' }, then: 'yes', else: 'no' } }, 'yes'],
    [
      '@if exists counts beside blank',
      { '@if': { exists: { '@path': '$.blank' }, blank: { '@path': '$.blank' }, then: 'yes', else: 'no' } },
      'yes',
    ],
    [
      '@if with an else of false',
      { '@if': { exists: { '@path': '$.none' }, then: true, else: false } },
      false,
    ],
    ['@if without else', { '@if': { exists: { '@path': '$.none' }, then: 'yes' } }, undefined],
    ['@case', { '@case': { operator: 'upper', value: { '@path': '$.properties.name' } } }, 'ÜNAL'],
    ['@replace', { '@replace': { pattern: 'a', replacement: '$&', value: 'banana' } }, 'b$&n$&n$&'],
    [
      '@replace once, any case',
      { '@replace': { pattern: 'A', replacement: '', ignorecase: true, global: false, value: 'banana' } },
      'bnana',
    ],
    [
      '@replace twice',
      { '@replace': { pattern: '.', replacement: '-', pattern2: '-', replacement2: '+', value: 'a.b' } },
      'a+b',
    ],
    ['@replace in what is not there', { '@replace': { pattern: 'a', value: { '@path': '$.none' } } }, ''],
    ['@replace in a list', { '@replace': { pattern: 'a', value: { '@path': '$.list' } } }, ''],
    [
      '@arrayPath to what some items have not',
      { '@arrayPath': ['$.properties.products', { '@path': '$.none' }] },
      [null, null],
    ],
    [
      '@arrayPath',
      { '@arrayPath': ['$.properties.products', { id: { '@path': '$.sku' } }] },
      [{ id: 'A' }, { id: 'B' }],
    ],
    [
      '@arrayPath made by a directive',
      { '@arrayPath': [{ '@path': '$.properties.products' }, { id: { '@path': '$.sku' } }] },
      [{ id: 'A' }, { id: 'B' }],
    ],
    [
      '@arrayPath to one object',
      { '@arrayPath': ['$.properties.nested.x', { z: { '@path': '$.y' } }] },
      [{ z: 1 }],
    ],
    ['@arrayPath to a text', { '@arrayPath': ['$.userId', { z: 1 }] }, 'u1'],
    ['@arrayPath without a shape', { '@arrayPath': ['$.properties.products[0].sku'] }, 'A'],
    [
      '@flatten',
      { '@flatten': { value: { '@path': '$.properties.nested' }, separator: '_' } },
      { x_y: 1, x_list_0: 1, x_list_1: 2, z: null },
    ],
    [
      '@flatten without a separator',
      { '@flatten': { value: { '@path': '$.properties.nested.x' } } },
      { y: 1, 'list.0': 1, 'list.1': 2 },
    ],
    [
      '@flatten, lists left',
      { '@flatten': { value: { '@path': '$.properties.nested' }, separator: '.', omitArrays: true } },
      { 'x.y': 1, 'x.list': [1, 2], z: null },
    ],
    [
      '@flatten of a list, lists left',
      {
        '@flatten': { value: { '@path': '$.properties.products' }, separator: '.', omitArrays: true },
      },
      [
        { sku: 'A', price: 1 },
        { sku: 'B', price: 2 },
      ],
    ],
    [
      '@json encode',
      { '@json': { mode: 'encode', value: { '@path': '$.properties.products[0]' } } },
      '{"sku":"A","price":1}',
    ],
    [
      '@json decode of what is no JSON',
      { '@json': { mode: 'decode', value: { '@path': '$.properties.name' } } },
      'Ünal',
    ],
    ['@json decode of null', { '@json': { mode: 'decode', value: 'null' } }, null],
    ['@json decode', { '@json': { mode: 'decode', value: { '@path': '$.properties.text' } } }, { k: [1] }],
    [
      '@merge right',
      { '@merge': { objects: [{ a: 1, b: 1 }, { b: 2 }], direction: 'right' } },
      { a: 1, b: 2 },
    ],
    ['@merge left', { '@merge': { objects: [{ a: 1, b: 1 }, { b: 2 }], direction: 'left' } }, { a: 1, b: 1 }],
    [
      '@merge with what is not there',
      { '@merge': { objects: [{ a: 1, b: 1 }, { b: { '@path': '$.none' } }], direction: 'right' } },
      { a: 1 },
    ],
    [
      '@merge left with what is not there',
      { '@merge': { objects: [{ a: { '@path': '$.none' } }, { a: 1, b: 1 }], direction: 'left' } },
      { b: 1 },
    ],
    [
      '@transform',
      { '@transform': { apply: { id: { '@path': '$.userId' } }, mapping: { x: { '@path': '$.id' } } } },
      { x: 'u1' },
    ],
    [
      '@excludeWhenNull',
      { '@excludeWhenNull': { '@path': '$.properties.nested' } },
      { x: { y: 1, list: [1, 2] } },
    ],
    ['@liquid', { '@liquid': '{{ properties.name | upcase }} {% if userId %}ok{% endif %}' }, 'ÜNAL ok'],
    [
      'objects and lists of them',
      { a: [{ '@path': '$.userId' }, 1, { '@path': '$.none' }], b: { '@path': '$.none' } },
      { a: ['u1', 1, null] },
    ],
  ])('%s', (_, mapping, expected) => {
    expect(resolve(mapping)).toEqual(expected);
  });
});

function errorOf(config: Partial<MappingEntry>): MappingError {
  try {
    compileMappings([{ name: 'M', preset: 'send', ...config }]);
  } catch (error) {
    if (error instanceof MappingError) return error;
    throw error;
  }
  throw new Error('the mapping was taken');
}

describe('a mapping that cannot work is known before anything is read', () => {
  it.each<[string, Partial<MappingEntry>, string, (string | number)[]]>([
    [
      'an unknown directive',
      { fields: { rtid: { '@pth': 'x' } } },
      'MAPPING_UNKNOWN_DIRECTIVE',
      ['fields', 'rtid', '@pth'],
    ],
    ['an unknown field', { fields: { rtidd: 'x' } }, 'MAPPING_UNKNOWN_FIELD', ['fields', 'rtidd']],
    [
      'an unknown nested field',
      { fields: { user_identities: { emial: 'x' } } },
      'MAPPING_UNKNOWN_FIELD',
      ['fields', 'user_identities', 'emial'],
    ],
    [
      'a path to every item of a list',
      { fields: { ip: { '@path': '$.properties.products[*].sku' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@path'],
    ],
    [
      'a path to every value',
      { fields: { ip: { '@path': '$.properties.*' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@path'],
    ],
    [
      'a path from the end of a list',
      { fields: { ip: { '@path': '$.properties.products[-1].sku' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@path'],
    ],
    [
      'a path with a condition',
      { fields: { ip: { '@path': "$.properties.products[?(@.sku=='a')].sku" } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@path'],
    ],
    [
      'a path to a column with a point in its name, as No. 1',
      { fields: { ip: { '@path': '$.properties.Gift No. 1' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@path'],
    ],
    [
      'the same in a template',
      { fields: { ip: { '@template': '{{ properties.Tel. Number }}' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@template'],
    ],
    [
      'a filter in a template',
      { fields: { ip: { '@template': '{{properties.coupon | upcase}}' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@template'],
    ],
    [
      'a long pattern',
      { fields: { ip: { '@replace': { pattern: '12345678901', value: 'x' } } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@replace', 'pattern'],
    ],
    [
      'an unknown operator',
      { fields: { ip: { '@case': { operator: 'title', value: 'x' } } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@case', 'operator'],
    ],
    [
      'an unknown option',
      { fields: { ip: { '@if': { exist: 'x', then: 1 } } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@if', 'exist'],
    ],
    [
      'Liquid that does not parse',
      { fields: { ip: { '@liquid': '{% if x %}' } } },
      'MAPPING_LIQUID_INVALID',
      ['fields', 'ip', '@liquid'],
    ],
    [
      'Liquid with a filter that there is none of, such as one that is to hash',
      { fields: { eventProperties: { a: { '@liquid': '{{ traits.email | md5 }}' } } } },
      'MAPPING_LIQUID_INVALID',
      ['fields', 'eventProperties', 'a', '@liquid'],
    ],
    [
      'Liquid with such a filter where it is seldom rendered',
      { fields: { ip: { '@liquid': '{% if x %}{% assign y = x | upcse %}{{ y }}{% endif %}' } } },
      'MAPPING_LIQUID_INVALID',
      ['fields', 'ip', '@liquid'],
    ],
    ['a trigger that does not parse', { trigger: 'event = ' }, 'MAPPING_TRIGGER_INVALID', ['trigger']],
    [
      'a negated group, which the parser would turn round',
      { trigger: '!(event = "x")' },
      'MAPPING_TRIGGER_INVALID',
      ['trigger'],
    ],
    [
      'Liquid that reads another template',
      { fields: { ip: { '@liquid': "{% if x %}{% render 'a' %}{% endif %}" } } },
      'MAPPING_LIQUID_INVALID',
      ['fields', 'ip', '@liquid'],
    ],
    [
      'a switch for hashing that is neither on nor off',
      { fields: { hashingConfiguration: { hashEmail: 'yes' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'hashingConfiguration', 'hashEmail'],
    ],
    [
      'one switch for all of hashing',
      { fields: { hashingConfiguration: true } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'hashingConfiguration'],
    ],
    [
      'a text where the properties should be',
      { fields: { eventProperties: 'z' } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'eventProperties'],
    ],
    [
      'a list where the identities should be',
      { fields: { user_identities: ['a'] } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'user_identities'],
    ],
    [
      '@merge of what is no list',
      { fields: { ip: { '@merge': { objects: {} } } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@merge', 'objects'],
    ],
    [
      'a path without its directive',
      { fields: { user_identities: { email: '$.properties.email' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'user_identities', 'email'],
    ],
    [
      'a template without its directive',
      { fields: { eventProperties: { x: ['{{properties.name}}'] } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'eventProperties', 'x', 0],
    ],
    [
      'the same in an option of a directive',
      { fields: { ip: { '@if': { exists: { '@path': '$.a' }, then: '$.a' } } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@if', 'then'],
    ],
    [
      'a template that is not closed',
      { fields: { ip: { '@template': '{{a}} {{context.ip' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@template'],
    ],
    [
      'a path that is none',
      { fields: { ip: { '@path': '$.a[' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@path'],
    ],
    [
      'something beside a directive',
      { fields: { ip: { '@path': '$.a', default: 1 } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', 'default'],
    ],
    [
      'a path that is no text',
      { fields: { ip: { '@path': 5 } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@path'],
    ],
    [
      'Liquid that is no text',
      { fields: { ip: { '@liquid': 5 } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@liquid'],
    ],
    [
      'a condition that is none',
      { fields: { ip: { '@if': { then: 1 } } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@if'],
    ],
    [
      'options that are none',
      { fields: { ip: { '@if': '$.a' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@if'],
    ],
    [
      'nothing to look for',
      { fields: { ip: { '@replace': { replacement: '', value: 'x' } } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@replace'],
    ],
    [
      'a path of a list that is none',
      { fields: { ip: { '@arrayPath': ['$.a[', {}] } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@arrayPath', 0],
    ],
    [
      'a list that is none',
      { fields: { ip: { '@arrayPath': '$.a' } } },
      'MAPPING_INVALID_OPTION',
      ['fields', 'ip', '@arrayPath'],
    ],
  ])('%s', (_, config, code, path) => {
    expect(errorOf(config)).toMatchObject({ code, path: [0, ...path] });
  });

  it('a switch for hashing may be written as a word', () => {
    for (const hashEmail of ['true', 'FALSE', true, null]) {
      const fields = { hashingConfiguration: { hashEmail } };
      expect(() => compileMappings([{ name: 'M', preset: 'send', fields }])).not.toThrow();
    }
  });

  it('names the switch that is neither on nor off', () => {
    expect(errorOf({ fields: { hashingConfiguration: { hashMobile: 'yes' } } }).message).toContain(
      'hashMobile',
    );
  });

  it.each<[string, string, JsonObject]>([
    ['@replace', 'ignorecase', { pattern: 'a', value: 'b' }],
    ['@replace', 'global', { pattern: 'a', value: 'b' }],
    ['@flatten', 'omitArrays', { value: { a: 1 }, separator: '.' }],
  ])('%s with a text for %s, which would be neither on nor off', (directive, option, options) => {
    for (const value of ['true', 'false', 1]) {
      const wrong = { ip: { [directive]: { ...options, [option]: value } } };
      expect(errorOf({ fields: wrong }).path).toEqual([0, 'fields', 'ip', directive, option]);
    }
    for (const value of [true, false, null]) {
      const fields = { ip: { [directive]: { ...options, [option]: value } } };
      expect(() => compileMappings([{ name: 'M', preset: 'send', fields }])).not.toThrow();
    }
  });

  it.each<[string, JsonValue]>([
    ['@case', { operator: 'lower' }],
    ['@replace', { pattern: 'a' }],
    ['@flatten', { separator: '.' }],
    ['@json', { mode: 'encode' }],
    ['@transform', { apply: { a: 1 } }],
    ['@transform', { mapping: { a: 1 } }],
  ])('%s with %j alone, which gives nothing', (directive, options) => {
    expect(errorOf({ fields: { ip: { [directive]: options } } })).toMatchObject({
      code: 'MAPPING_INVALID_OPTION',
      path: [0, 'fields', 'ip', directive],
    });
  });

  it('names what was probably meant', () => {
    expect(errorOf({ fields: { rtid: { '@pth': 'x' } } }).hint).toContain('@path');
    expect(errorOf({ fields: { user_identities: { emial: 'x' } } }).hint).toContain('email');
  });
});
