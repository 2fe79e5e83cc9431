import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { UserError } from '../../src/errors.js';
import { useFolder } from '../helpers/folder.js';

const folder = useFolder();

function load(text: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(folder.path, 'rokt-capi.config.yaml'), text);
  return loadConfig({ cwd: folder.path, env });
}

function errorOf(text: string, env: NodeJS.ProcessEnv = {}): UserError {
  try {
    load(text, env);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('the config was taken');
}

describe('the config', () => {
  it('may be absent: then the defaults hold', () => {
    const config = loadConfig({ cwd: folder.path, env: {} });
    expect(config.endpoint).toBe('https://s2s.us2.mparticle.com/v2');
    expect(config.mappings.map((mapping) => mapping.preset)).toEqual(['send', 'sync-engage-audience']);
    expect(config.delivery).toMatchObject({ batchesPerSecond: 270, concurrency: 4, giveUpAfterMs: 900_000 });
    expect(config.stateDirectory).toBe(join(folder.path, '.rokt-capi'));
  });

  it('is found from the working directory upwards, and its paths are relative to it', () => {
    load('version: 1\nstate: ./books\n');
    const deep = join(folder.path, 'a', 'b');
    mkdirSync(deep, { recursive: true });
    expect(loadConfig({ cwd: deep, env: {} }).stateDirectory).toBe(join(folder.path, 'books'));
  });

  it.each([
    ['without an anchor', 'source:\n  timezone: *tz\n', { line: 3, column: 13 }],
    ['as a key', '*tz : 1\n', { line: 2, column: 1 }],
    ['of what it stands in', 'mappings:\n  - { name: A, fields: &a { ip: *a } }\n', { line: 3 }],
    [
      'of aliases of aliases',
      `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [${Array(10).fill('*a').join()}]\nc: [${Array(10).fill('*b').join()}]\n`,
      {},
    ],
  ])('with an alias %s is reported as wrong there', (_, text, place) => {
    const error = errorOf(`version: 1\n${text}`);
    expect(error).toMatchObject({ code: 'CONFIG_SYNTAX', exitCode: 2, place });
    expect(error.place.file).toBe(join(folder.path, 'rokt-capi.config.yaml'));
  });

  it.each([
    '{{properties.order_id}}',
    '{ "@template": {{properties.order_id}} }',
    '\n      ? [a]\n      : b',
  ])('with braces or brackets that want quotes is reported as wrong there: %s', (text) => {
    const error = errorOf(`version: 1\nmappings:\n  - name: A\n    fields:\n     eventProperties: ${text}\n`);
    expect(error).toMatchObject({ code: 'CONFIG_SYNTAX', hint: expect.stringContaining('quotes') });
    expect(error.place.line).toBeGreaterThanOrEqual(5);
  });

  it('may put settings that stand further up into a group, which has its own before them', () => {
    const { mappings } = load(
      'version: 1\nmappings:\n  - name: A\n    fields:\n      eventProperties: &a { coupon: A, shop: "1" }\n' +
        '  - name: B\n    fields:\n      eventProperties:\n        <<: *a\n        shop: "2"\n',
    );
    expect(mappings[1]?.fields).toEqual({ eventProperties: { coupon: 'A', shop: '2' } });
    expect(
      load('version: 1\nhashing:\n  <<: [{ email: true }, { email: false, mobile: true }]\n').hashing,
    ).toEqual(expect.objectContaining({ email: true, mobile: true }));
    const error = errorOf('version: 1\nmappings:\n  - &a { name: A, triger: x }\n  - { <<: *a, name: B }\n');
    expect([error, ...error.also].map(({ place }) => place.line)).toEqual([3, 3]);
    expect(errorOf('version: 1\nhashing:\n  <<: true\n')).toMatchObject({
      code: 'CONFIG_SYNTAX',
      place: { line: 3, column: 3 },
    });
    expect(errorOf('version: 1\nhashing:\n  <<: *a\n').message).toContain('has no anchor');
  });

  it.each([
    ['a tag of another program', 'state: !env STATE', 2, 8],
    ['a set, which has no settings', 'hashing: !!set { email }', 2, 10],
    [
      'a number with a 0 before it',
      'mappings: [{ name: A, fields: { eventProperties: { shop: 007 } } }]',
      2,
      58,
    ],
    ['a number that loses digits', 'mappings: [{ name: A, fields: { ip: 12345678901234567890 } }]', 2, 37],
    ['a comment of JSON', 'mappings: [{ name: A, fields: { eventProperties: { a: 1 // one\n } } }]', 2, 55],
    ['such a comment before a name', 'mappings: [{ name: A, // one\n fields: { ip: a } }]', 2, 23],
    ['a name that stands twice', 'hashing:\n  email: true\n  email: false', 4, 3],
  ])('refuses %s, which would be taken for something else', (_, text, line, column) => {
    expect(errorOf(`version: 1\n${text}\n`)).toMatchObject({
      code: 'CONFIG_SYNTAX',
      place: { line, column },
    });
  });

  it('says that # begins a comment in JSON too, wherever another one stands', () => {
    for (const text of [
      '// orders\n{ "version": 1 }',
      '{ // orders\n"version": 1 }',
      '{ "version": 1, /* orders */ "state": "a" }',
      '{ "version": 1, "state": "a" // books\n}',
      '{ "version": 1, "state": "a", // books\n}',
    ]) {
      expect(errorOf(text), text).toMatchObject({
        code: 'CONFIG_SYNTAX',
        hint: expect.stringContaining('A comment begins with #'),
      });
    }
  });

  it('takes names as they are written, also those that YAML has for something else', () => {
    const text =
      'version: 1\nsource:\n  columns: { 007: a, null: b, 1.50: c, 2026-01-02: d, True: e, 0x10: f }\n';
    expect(load(text).ownColumns).toEqual(['007', 'null', '1.50', '2026-01-02', 'True', '0x10']);
  });

  it.each([
    ['version: 1 # orders\rhashing:\r  email: true\r', 4, 1],
    ['# orders\rversion: 1\r\nhashing:\r\n  email: true\r\n', 5, 1],
  ])(
    'has lines that end with CR alone too, of which none is a part of a comment before it: %j',
    (text, line, column) => {
      expect(load(text).hashing.email).toBe(true);
      expect(errorOf(`${text}colour: red\r`)).toMatchObject({ place: { line, column } });
    },
  );

  it('does not count a byte order mark as a column', () => {
    expect(errorOf('\uFEFFversoin: 1\n').also.map(({ place }) => place.column)).toEqual([1]);
  });

  it.each([
    ['mappings:\n  - name: A\n    trigger: event = "${EVENT}"', 4, 14],
    ['mappings:\n  - name: "${NAME}"', 3, 11],
    ['mappings:\n  - name: A\n    fields: { eventProperties: { shop: "${SHOP}" } }', 4, 40],
    ['source:\n  groupBy: ${COLUMN}', 3, 12],
    ['source:\n  columns: { Total: [a, "${PLACE}"] }', 3, 25],
    ['api:\n  endpoint: https://$HOST/v2', 3, 13],
    ['api:\n  endpoint: "https://${HOST:-example.com}/v2"', 3, 13],
  ])('refuses an environment variable where none is replaced: %s', (text, line, column) => {
    expect(errorOf(`version: 1\n${text}\n`, { HOST: 'a' })).toMatchObject({
      code: 'CONFIG_INVALID',
      place: { line, column },
    });
  });

  it('takes what looks like an environment variable where it is meant so', () => {
    const { mappings } = load(
      'version: 1\nmappings: [{ name: A, fields: { ip: { "@literal": "${A}" }, rtid: { "@template": "${{event}}" } } }]\n',
    );
    expect(mappings[0]?.fields).toMatchObject({ ip: { '@literal': '${A}' } });
  });

  it('may repeat a part of itself by an alias', () => {
    const { mappings } = load(
      'version: 1\nmappings:\n  - { name: A, fields: &a { ip: 1.2.3.4 } }\n  - { name: B, fields: *a }\n',
    );
    expect(mappings[1]?.fields).toEqual({ ip: '1.2.3.4' });
  });

  it.each(['just a text\n', '- 1\n', '5\n', 'null\n', ''])(
    'is refused where it has no settings: %j',
    (text) => {
      expect(errorOf(text)).toMatchObject({ code: 'CONFIG_INVALID' });
    },
  );

  it('may name one place of a column, or a list of places', () => {
    const { columns } = load(
      'version: 1\nsource:\n  columns:\n    Ref: properties.order_id\n    Id: [messageId, userId]\n',
    );
    expect([...columns]).toEqual([
      ['Ref', ['properties.order_id']],
      ['Id', ['messageId', 'userId']],
    ]);
  });

  it('is refused with the line and the column of a value that it cannot have', () => {
    const of = (text: string) => errorOf(`version: 1\n${text}`).place;
    expect(of('delivery:\n  concurrency:   many\n')).toMatchObject({ line: 3, column: 18 });
    expect(of('delivery: { concurrency: [1] }\n')).toMatchObject({ line: 2, column: 26 });
    expect(of('mappings:\n  - preset: none\n    name: A\n')).toMatchObject({ line: 3, column: 13 });
  });

  it('can be JSON', () => {
    writeFileSync(join(folder.path, 'rokt-capi.config.json'), '{"version": 1, "api": {"pod": "eu1"}}');
    expect(loadConfig({ cwd: folder.path, env: {} }).endpoint).toBe('https://s2s.eu1.mparticle.com/v2');
  });

  it('takes environment variables in api values', () => {
    const text = 'version: 1\napi:\n  endpoint: ${CAPI_URL}\n  environment: ${CAPI_ENV}\n';
    const config = load(text, { CAPI_URL: 'http://127.0.0.1:9/v2/', CAPI_ENV: 'development' });
    expect(config.endpoint).toBe('http://127.0.0.1:9/v2');
    expect(config.environment).toBe('development');
    expect(errorOf(text)).toMatchObject({ code: 'CONFIG_VARIABLE_MISSING', place: { line: 3 } });
  });

  it.each([
    ['delivery: { batchesPerSecond: 1e9 }', 'delivery.batchesPerSecond is too large.'],
    ['api: { pod: 5 }', 'api.pod is not one of its valid values.'],
  ])('says what is wrong with the value in %s', (text, message) => {
    expect(errorOf(`version: 1\n${text}\n`)).toMatchObject({
      code: 'CONFIG_INVALID',
      message,
      place: { line: 2 },
    });
  });

  it.each([
    ['concurrency: 0', 'is too small', '1 to 256'],
    ['concurrency: 257', 'is too large', '1 to 256'],
    ['batchesPerSecond: 0', 'is too small', 'above 0, at most 1000000'],
    ['batchesPerSecond: 1000001', 'is too large', 'above 0, at most 1000000'],
  ])('says how small and how large a number may be that is not: %s', (setting, message, hint) => {
    const error = errorOf(`version: 1\ndelivery: { ${setting} }\n`);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  it('names an unknown key, its line and the nearest known one', () => {
    const error = errorOf('version: 1\ndelivery:\n  batchesPerSecnd: 5\n');
    expect(error).toMatchObject({ code: 'CONFIG_UNKNOWN_KEY', exitCode: 2, place: { line: 3, column: 3 } });
    expect(error.message).toContain('delivery.batchesPerSecnd');
    expect(error.hint).toContain('batchesPerSecond');
  });

  it('names an unknown key of a mapping too', () => {
    const error = errorOf('version: 1\nmappings:\n  - name: A\n    triger: event = "Sale"\n');
    expect(error).toMatchObject({ code: 'CONFIG_UNKNOWN_KEY', place: { line: 4, column: 5 } });
    expect(error.message).toContain('mappings[0].triger');
    expect(error.hint).toContain('"trigger"');
  });

  it.each([
    ['enabled: false', 'remove the mapping'],
    ['subscribe: type = "track"', 'trigger'],
    ['mapping: {}', 'fields'],
    ['partnerAction: send', 'preset'],
  ])('says what %s of a mapping in a Segment workspace is here', (line, hint) => {
    const error = errorOf(`version: 1\nmappings:\n  - name: A\n    ${line}\n`);
    expect(error).toMatchObject({ code: 'CONFIG_UNKNOWN_KEY', place: { line: 4, column: 5 } });
    expect(error.hint).toContain(hint);
    expect(error.hint).not.toContain('Known here');
  });

  it('names every mistake at once', () => {
    const error = errorOf('version: 1\napi:\n  pod: us9\nhashing:\n  emial: true\n');
    expect([error, ...error.also].map(({ code, place }) => [code, place.line])).toEqual([
      ['CONFIG_INVALID', 3],
      ['CONFIG_UNKNOWN_KEY', 5],
    ]);
  });

  it('gives line and column of a syntax error', () => {
    expect(errorOf('version: 1\napi: [\n')).toMatchObject({ code: 'CONFIG_SYNTAX' });
    expect(errorOf('version: 1\nversion: 1\n')).toMatchObject({ code: 'CONFIG_SYNTAX', place: { line: 2 } });
  });

  it.each([
    ['', 'The config is empty.', 'rokt-capi init'],
    ['# version: 1\n', 'The config is empty.', 'version: 1'],
    ['hashing: { email: true }\n', 'version is missing.', 'Write one of: 1.'],
    ['version: 1\nsource:\n', 'source has no value.', 'or remove the line'],
    ['version: 1\nsource: shopify\n', 'source is not a group of settings.', 'How to read rows'],
    [
      'version: 1\nhashing: { email: yes }\n',
      'hashing.email is neither true nor false.',
      'Write true or false.',
    ],
    ['version: 1\nstate: 5\n', 'state is not a text.', 'Put it in quotes.'],
    ['version: 1\nmappings: [{ trigger: x }]\n', 'mappings[0].name is missing.', 'unique'],
    [
      'version: 1\nmappings: { name: A }\n',
      'mappings is not a list.',
      'Begin each of its entries with "- ".',
    ],
    [
      'version: 1\nmappings: [A]\n',
      'mappings[0] is not a group',
      'Write its settings below it, as name: value.',
    ],
    ['version: 1\nmappings: []\n', 'mappings is empty.', 'At most 50.'],
    [
      'version: 1\ndelivery: { concurrency: 1.5 }\n',
      'delivery.concurrency is not a whole number.',
      'Default 4.',
    ],
    ['version: 1\ndelivery: { batchesPerSecond: "270" }\n', 'is not a number.', 'without quotes'],
    ['version: 1\ndelivery: { batchesPerSecond: 0 }\n', 'is too small.', 'rate limit in batches a second'],
    ['version: 1\ndelivery: { giveUpAfter: [] }\n', 'has a value of the wrong kind.', '30s, 15m, 2h'],
    [
      'version: 1\nsource: { columns: { Total: 5 } }\n',
      'source.columns.Total has a value',
      'properties.order_id',
    ],
  ])('says what is wrong with %j, and what belongs there', (text, message, hint) => {
    const error = errorOf(text);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
    expect([error, ...error.also].map(({ code }) => code)).toEqual(['CONFIG_INVALID']);
  });

  it('does not say to put in quotes what is missing', () => {
    expect(errorOf('version: 1\nmappings: [{ preset: send }]\n').hint).toBe(
      'Your name for the mapping; unique.',
    );
  });

  it('says that a directive needs quotes', () => {
    const text = 'version: 1\nmappings: [{ name: A, fields: { ip: { @path: $.context.ip } } }]\n';
    expect(errorOf(text)).toMatchObject({ code: 'CONFIG_SYNTAX', hint: expect.stringContaining('"@path"') });
  });

  it('says of a list where a text belongs one thing only', () => {
    const error = errorOf('version: 1\nmappings: [{ name: [] }]\n');
    expect(error.message).toBe('mappings[0].name is not a text.');
    expect(error.also).toEqual([]);
  });

  it('is one document', () => {
    expect(errorOf('version: 1\n---\nversion: 1\n')).toMatchObject({
      code: 'CONFIG_SYNTAX',
      message: 'The file has a second document, which begins here with ---.',
      place: { line: 2 },
    });
  });

  it('is UTF-8, or an error where it is not', () => {
    const file = join(folder.path, 'rokt-capi.config.yaml');
    const wrong = [
      [Buffer.from('version: 1\nstate: "B\u00fccher"\n', 'latin1'), 2],
      [Buffer.from('\uFEFFversion: 1\n', 'utf16le'), 1],
    ] as const;
    for (const [bytes, line] of wrong) {
      writeFileSync(file, bytes);
      expect(() => loadConfig({ cwd: folder.path, env: {} })).toThrow(
        expect.objectContaining({
          code: 'CONFIG_SYNTAX',
          message: 'The file is not UTF-8.',
          place: { file, line },
        }),
      );
    }
  });

  it('takes no environment variable that is empty', () => {
    expect(errorOf('version: 1\napi: { endpoint: "${CAPI_URL}" }\n', { CAPI_URL: '' })).toMatchObject({
      code: 'CONFIG_VARIABLE_MISSING',
      message: 'The environment variable CAPI_URL is empty.',
    });
  });

  it.each([
    ['a time to remember deliveries without its unit', 'version: 1\ndelivery:\n  rememberFor: 90\n', 3],
    ['the same as a text', 'version: 1\ndelivery:\n  rememberFor: "90"\n', 3],
    ['a state in a home directory as a shell writes it', 'version: 1\nstate: ~/state\n', 2],
    ['a state with an environment variable', 'version: 1\nstate: ${STATE_DIR}\n', 2],
    ['a state below an environment variable', 'version: 1\nstate: $HOME/state\n', 2],
    ['two mappings of one name', 'version: 1\nmappings:\n  - name: A\n  - name: A\n', 4],
    ['a duration without sense', 'version: 1\ndelivery:\n  giveUpAfter: soon\n', 3],
    ['a time zone that is none', 'version: 1\nsource:\n  timezone: Mars/Olympus\n', 3],
    ['a pod and an endpoint', 'version: 1\napi:\n  pod: us1\n  endpoint: https://example.com/v2\n', 4],
    ['a wrong version', 'version: 2\n', 1],
  ])('refuses %s, with its line', (_, text, line) => {
    expect(errorOf(text)).toMatchObject({ code: 'CONFIG_INVALID', place: { line } });
  });

  it('refuses more than 50 mappings', () => {
    const mappings = Array.from({ length: 51 }, (_, n) => `  - name: M${n}\n`).join('');
    expect(errorOf(`version: 1\nmappings:\n${mappings}`)).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it.each([
    ['http://example.com/v2', 'ENDPOINT_NOT_SECURE'],
    ['http://127.0.0.1.example.com/v2', 'ENDPOINT_NOT_SECURE'],
    ['ftp://example.com', 'ENDPOINT_INVALID'],
    ['https://key:secret@example.com/v2', 'ENDPOINT_INVALID'],
  ])('refuses the endpoint %s', (endpoint, code) => {
    const error = errorOf(`version: 1\napi:\n  endpoint: ${endpoint}\n`);
    expect(error).toMatchObject({ code, place: { line: 3 } });
    expect(error.describe()).not.toContain('secret@');
  });

  it.each(['http://localhost:1/v2', 'http://127.9.9.9:1/v2', 'http://[::1]:1/v2', 'https://example.com/v2'])(
    'takes the endpoint %s',
    (endpoint) => {
      expect(load(`version: 1\napi:\n  endpoint: "${endpoint}"\n`).endpoint).toBe(endpoint);
    },
  );
});
