import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import { placeAdvice } from '../input/place-advice.js';
import type { InputOptions } from '../interfaces.js';
import { type CompiledMapping, compileMappings } from '../mapping/compile.js';
import { MappingError } from '../mapping/errors.js';
import type { PayloadOptions } from '../payload/options.js';
import { shortened } from '../printable.js';
import type { DeliveryOptions } from './options.js';

/**
 * Loads the config of a command.
 *
 * @param path what `--config` names; undefined: the one that is found from the working directory upwards.
 * @throws UserError as {@link loadConfig} does, and `PLACE_INVALID`.
 */
export function openConfig(path: string | undefined): Config {
  const config = loadConfig({ path, cwd: process.cwd(), env: process.env });
  checkPlaces(config);
  return config;
}

function checkPlaces({ columns, ownColumns, error }: Config): void {
  for (const column of ownColumns) {
    for (const [index, place] of (columns.get(column) ?? []).entries()) {
      const advice = placeAdvice(place);
      if (advice === undefined) continue;
      const message = `The column "${shortened(column)}" is mapped to ${shortened(place)}, which is no place in an event.`;
      throw error(['source', 'columns', column, index], 'PLACE_INVALID', message, advice);
    }
  }
}

/** How a config has input read. `lists`: see `InputOptions`; set where a record is a person, and not an order of rows. */
export function inputOptionsOf(
  { columns, groupBy }: Config,
  { format, event }: Pick<DeliveryOptions, 'format' | 'event'>,
  lists?: readonly string[],
): InputOptions {
  return {
    columns,
    ...(event === undefined ? {} : { event }),
    ...(format === undefined ? {} : { format }),
    ...(lists === undefined ? {} : { lists }),
    ...(groupBy === undefined || lists !== undefined ? {} : { groupBy }),
  };
}

/** How a config has batches made. `nowMs`: when the run began, in Unix ms. */
export function payloadOptionsOf(
  { environment, hashing, delivery, dateOrder, timezone }: Config,
  { strict = false }: Pick<DeliveryOptions, 'strict'>,
  nowMs: number,
): PayloadOptions {
  return {
    environment,
    hashing,
    nowMs,
    olderThan30Days: delivery.olderThan30Days,
    dateOrder,
    timezone,
    strict,
  };
}

/**
 * Compiles mappings of a config.
 *
 * @throws UserError with a `MAPPING_…` code, at the place in the config file.
 */
export function compileConfigured(config: Config, entries: Config['mappings']): readonly CompiledMapping[] {
  try {
    return compileMappings(entries);
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    const [number, ...rest] = error.path;
    // A command may use a part of the config's, or defaults.
    const entry = entries[Number(number)];
    const index = entry === undefined ? -1 : config.mappings.indexOf(entry);
    const path = index === -1 ? ['mappings'] : ['mappings', index, ...rest];
    throw config.error(path, error.code, error.message, error.hint, error.part);
  }
}
