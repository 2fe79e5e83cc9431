import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema.js';
import { writeStarter } from '../../src/config/starter.js';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const schema = JSON.parse(read('dist/config.schema.json'));
const takes = new Ajv2020({ allowUnionTypes: true }).compile(schema);

/** None, or a right value, or (seldom) a wrong one. */
const setting = (right: readonly unknown[], wrong: readonly unknown[]) =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(undefined, ...right) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );
const object = (shape: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(shape).map((made) => JSON.parse(JSON.stringify(made)));
const mostly = (right: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 60, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) });
const flag = setting([true, false], ['yes']);
const config = object({
  $schema: setting(['config.schema.json'], [1]),
  version: mostly(fc.constant(1)),
  api: mostly(
    object({
      pod: setting(['us1', 'us2', 'inbound'], ['mars']),
      endpoint: setting(['https://a.example/v2', '${URL}'], ['']),
      environment: setting(['production', 'development'], ['test']),
    }),
  ),
  hashing: mostly(object({ email: flag, firstName: flag, mobile: flag, iban: setting([], [true]) })),
  source: mostly(
    object({
      preset: setting(['shopify', 'segment'], ['stripes']),
      groupBy: setting(['Name'], ['']),
      dateOrder: setting(['dmy', 'mdy'], ['ymd']),
      timezone: setting(['UTC'], ['']),
      columns: setting([{ Total: 'properties.revenue' }, { a: ['b', 'c'] }], [{ a: [] }, { a: 1 }, 'a']),
    }),
  ),
  mappings: mostly(
    fc.array(
      object({
        name: mostly(fc.constant('Orders')),
        preset: setting(['send', 'sync-engage-audience'], ['receive']),
        trigger: setting(['type = "track"'], ['']),
        fields: setting([{ rtid: { '@path': '$.a' } }, { value: null }], [[], 'all']),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  ),
  delivery: mostly(
    object({
      batchesPerSecond: setting([270, 0.5, 1_000_000], [0, -1, 1_000_001, '270']),
      concurrency: setting([1, 256], [0, 257, 1.5]),
      olderThan30Days: setting(['live', 'historical', 'reject'], ['never']),
      giveUpAfter: setting(['15m', 15], [true]),
      rememberFor: setting(['90d'], [null]),
      resendChanged: flag,
    }),
  ),
  state: setting(['./books'], ['', 7]),
  colour: setting([], ['blue']),
});

describe('the JSON Schema of the config', () => {
  it('takes what the program takes, and nothing else', () => {
    const verdicts = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(config, (made) => {
        const taken = configSchema.safeParse(made).success;
        verdicts[taken ? 'taken' : 'refused'] += 1;
        expect(takes(made)).toBe(taken);
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(verdicts.taken, verdicts.refused)).toBeGreaterThan(500);
  });

  it('takes ${NAME} in every setting under api, as the program does, and still none of their values misspelt', () => {
    for (const key of Object.keys(schema.properties.api.properties)) {
      expect(takes({ version: 1, api: { [key]: '${ROKT_SETTING}' } }), key).toBe(true);
    }
    expect(takes({ version: 1, api: { environment: 'prod' } })).toBe(false);
    expect(takes({ version: 1, api: { pod: '$POD' } })).toBe(false);
  });

  it("takes the README's config, and what init writes", () => {
    const [, example = ''] = /## The config file[\s\S]*?```yaml\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
    expect(example).toContain('mappings:');
    expect(takes(parse(example))).toBe(true);
    const starter = writeStarter({
      command: 'rokt-capi init',
      preset: 'shopify',
      columns: [],
      groupBy: undefined,
      isSnapshot: false,
      pod: 'us2',
      hashEmail: true,
      timezone: undefined,
      dateOrder: undefined,
    });
    expect(takes(parse(starter))).toBe(true);
  });

  it('describes every setting', () => {
    const undescribed = (node: unknown, at: string): string[] => {
      if (typeof node !== 'object' || node === null) return [];
      const own =
        'properties' in node && typeof node.properties === 'object' && node.properties !== null
          ? Object.entries(node.properties).flatMap(([name, of]) => [
              ...(typeof of === 'object' && of !== null && 'description' in of ? [] : [`${at}.${name}`]),
              ...undescribed(of, `${at}.${name}`),
            ])
          : [];
      return 'items' in node ? [...own, ...undescribed(node.items, `${at}[]`)] : own;
    };
    expect(undescribed(schema, '')).toEqual([]);
  });
});
