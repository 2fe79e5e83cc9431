import { fileURLToPath } from 'node:url';

// Puts the program into few files, since Node takes a millisecond or two to load each: what `bin/` starts, what a worker
// thread starts, and what writes the config's JSON Schema when the package is built. Dependencies stay outside.

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

export default {
  input: {
    main: path('main.ts'),
    worker: path('worker.ts'),
    'json-schema': path('../config/json-schema.ts'),
  },
  platform: 'node',
  external: /^[^./]/,
  logLevel: 'warn',
  // One folder below dist/, as every folder of src/ is below src/: `import.meta.url` leads to the same places.
  output: { dir: path('../../dist/cli'), format: 'es', chunkFileNames: '[name]-[hash].js', sourcemap: true },
};
