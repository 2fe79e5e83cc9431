import { createRequire } from 'node:module';
import { wholeEvent } from '../input/whole-event.js';
import { MappingError, type MappingPath, Rejection } from './errors.js';
import type { Getter, Readable } from './path.js';

/** A template may take this long to render one record, in ms: none does but one that has no end. */
const RENDER_LIMIT_MS = 10_000;
/** A rendered text may allocate about this many characters. */
const MEMORY_LIMIT = 1_000_000;

const require = createRequire(import.meta.url);

/** Filters that read a time. */
const OF_TIMES = [
  'date',
  'date_to_xmlschema',
  'date_to_rfc822',
  'date_to_string',
  'date_to_long_string',
] as const;
/** Of a time that says its zone, or is a number of seconds. */
const HAS_ZONE = /:\d\d.*[+-]\d|\dZ\b|\b(?:UTC?|GMT|[ECMP][SD]T)\b|^\d+$/i;

/** Tags that read other templates, of which there are none. */
const INCLUDING = ['include', 'render', 'layout'] as const;

/**
 * Compiles a Liquid template (`@liquid`, rendered with liquidjs). It sees the event's own keys, and no file. Times are those
 * of UTC, as on Segment's servers, wherever it is rendered. What it gives throws Rejection `MAPPING_FAILED` where it cannot
 * be rendered.
 *
 * @throws MappingError `MAPPING_LIQUID_INVALID` where it does not parse.
 */
export function compileLiquid(template: string, at: MappingPath): Getter {
  // Loaded only here: most mappings have no template, and it takes 30 ms to load.
  const { Liquid }: typeof import('liquidjs') = require('liquidjs');
  const engine = new Liquid({
    ownPropertyOnly: true,
    // Else one that is not known does nothing: `| md5` would send in the clear what it was to hash.
    strictFilters: true,
    renderLimit: RENDER_LIMIT_MS,
    memoryLimit: MEMORY_LIMIT,
    timezoneOffset: 'UTC',
  });
  for (const name of OF_TIMES) {
    const filter = engine.filters[name];
    if (typeof filter !== 'function') throw new Error(`liquidjs has no filter ${name}.`);
    engine.registerFilter(name, function (value: unknown, ...options: unknown[]) {
      return filter.call(this, inUtc(value), ...options);
    });
  }
  for (const name of INCLUDING) {
    engine.registerTag(name, {
      parse: () => {
        throw new Error('a template cannot include another one');
      },
      render: () => '',
    });
  }
  try {
    const parsed = engine.parse(template);
    return (data) => {
      try {
        const rendered: unknown = engine.renderSync(parsed, scopeOf(data));
        return String(rendered);
      } catch {
        // Its reason may contain the record's values.
        throw new Rejection({
          code: 'MAPPING_FAILED',
          message:
            'The Liquid template cannot be rendered with this record; guard what may be missing with {% if %}.',
          field: fieldIn(at),
        });
      }
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MappingError(
      'MAPPING_LIQUID_INVALID',
      `The Liquid template does not parse: ${reason}.`,
      'Fix the template; tags such as {% if %} need their end tag, and filters must be those of liquidjs.',
      at,
    );
  }
}

/** A time that says no zone, with one: else it is read in that of the machine. */
function inUtc(value: unknown): unknown {
  if (typeof value !== 'string' || HAS_ZONE.test(value)) return value;
  return [`${value}Z`, `${value} UTC`].find((text) => !Number.isNaN(Date.parse(text))) ?? value;
}

/** What a template sees. */
function scopeOf(data: Readable): object {
  const whole = wholeEvent(data);
  return typeof whole === 'object' && whole !== null ? whole : {};
}

/** The field of the Send action in a path: what stands under `fields`, up to the directive. */
function fieldIn(path: MappingPath): string {
  const keys = path.slice(path.indexOf('fields') + 1);
  return keys
    .slice(
      0,
      keys.findIndex((key) => String(key).startsWith('@')),
    )
    .join('.');
}
