import { columnKey } from '../config/column-key.js';
import { SOURCE_PRESET_NAMES, SOURCE_PRESETS, type SourcePresetName } from '../config/source-presets.js';
import { isWarehouse } from './columns.js';

/** What a file is, recognised by its columns; undefined: rows of no known system. */
export function recognise(columns: readonly string[]): SourcePresetName | undefined {
  const present = new Set(columns.map(columnKey));
  const shop = SOURCE_PRESET_NAMES.find((name) => {
    return SOURCE_PRESETS[name].signs.some((signs) => signs.every((sign) => present.has(columnKey(sign))));
  });
  return shop ?? (isWarehouse(columns) ? 'warehouse' : undefined);
}
