import { writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { configSchema } from './schema.js';
import { VARIABLE } from './variables.js';

/**
 * Run by the build: writes `dist/config.schema.json`, the JSON Schema of the config for editors, made from what the
 * program itself checks with. What it cannot say (a zone exists, names are unique) only the program checks.
 */
const schema = {
  title: 'rokt-capi.config.yaml',
  ...z.toJSONSchema(configSchema, {
    override: ({ jsonSchema, path }) => {
      const { enum: words } = jsonSchema;
      // The program checks what a variable under api is replaced by; an editor sees its name.
      if (words === undefined || !path.includes('api')) return;
      delete jsonSchema.enum;
      jsonSchema.anyOf = [{ enum: words }, { pattern: VARIABLE.source }];
    },
  }),
};
writeFileSync(new URL('../config.schema.json', import.meta.url), `${JSON.stringify(schema, undefined, 2)}\n`);
