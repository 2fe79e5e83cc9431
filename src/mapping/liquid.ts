import { createRequire } from 'node:module';
import { LineEvent } from '../input/line-event.js';
import { RowEvent } from '../input/row-event.js';
import { MappingError } from './errors.js';
import type { Getter } from './path.js';

/** A template may take this long to render one record, in ms. */
const RENDER_LIMIT_MS = 100;
/** A rendered text may allocate about this many characters. */
const MEMORY_LIMIT = 1_000_000;

const require = createRequire(import.meta.url);

const noFiles = {
  readFileSync: (): string => {
    throw new Error('a template cannot include another one');
  },
  readFile: () => Promise.reject(new Error('a template cannot include another one')),
  existsSync: () => false,
  exists: () => Promise.resolve(false),
  resolve: (_directory: string, file: string) => file,
};

/**
 * Compiles a Liquid template (`@liquid`, rendered with liquidjs). It sees the event's own keys, and no file.
 *
 * @throws MappingError `MAPPING_LIQUID_INVALID` where it does not parse.
 */
export function compileLiquid(template: string, at: readonly (string | number)[]): Getter {
  // Loaded only here: most mappings have no template, and it takes 30 ms to load.
  const { Liquid }: typeof import('liquidjs') = require('liquidjs');
  const engine = new Liquid({
    ownPropertyOnly: true,
    renderLimit: RENDER_LIMIT_MS,
    memoryLimit: MEMORY_LIMIT,
    fs: noFiles,
    relativeReference: false,
  });
  try {
    const parsed = engine.parse(template);
    return (data) => {
      const rendered: unknown = engine.renderSync(
        parsed,
        data instanceof RowEvent || data instanceof LineEvent
          ? data.whole
          : typeof data === 'object' && data !== null
            ? data
            : {},
      );
      return String(rendered);
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MappingError(
      'MAPPING_LIQUID_INVALID',
      `The Liquid template does not parse: ${reason}.`,
      'Mend the template; tags such as {% if %} need their end tag.',
      at,
    );
  }
}
