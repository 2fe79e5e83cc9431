import { fileURLToPath } from 'node:url';
import { thirdPartyLicenses } from './third-party-licenses.js';

// Puts the program into few files, since Node takes a millisecond or two to load each. Dependencies stay outside, but for
// those that most runs need: as they come, they are so many files that a small run would be busy with little else.

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * What starts: the program, a worker thread, the command that has to be quick, and the only other one that needs some of
 * its modules and little else.
 */
const STARTS = ['main', 'worker', 'send', 'serve-plugin'];

/** Of each of {@link STARTS}, the modules that it loads at once. */
const loaded = new Map();

function isLoadedBy(start, id, context) {
  let modules = loaded.get(start);
  if (modules === undefined) {
    modules = new Set([path(`${start}.ts`)]);
    for (const module of modules) {
      for (const imported of context.getModuleInfo(module)?.importedIds ?? []) modules.add(imported);
    }
    loaded.set(start, modules);
  }
  return modules.has(id);
}

/**
 * Modules that the same ones load are one file; those that none of them loads are left to rolldown. `main.ts` stands alone:
 * it ends with waiting for the command, and what a command shared a file with would wait for that.
 */
function fileOf(id, context) {
  if (id === path('main.ts')) return null;
  const by = STARTS.filter((start) => isLoadedBy(start, id, context));
  return by.length === 0 ? null : by.join('-');
}

const common = {
  platform: 'node',
  external: /^(?!(?:commander|yaml|zod)(?:\/|$))[^./]/,
  logLevel: 'warn',
};

export default [
  {
    ...common,
    input: { main: path('main.ts'), worker: path('worker.ts') },
    plugins: [thirdPartyLicenses()],
    preserveEntrySignatures: 'allow-extension',
    // One folder below dist/, as every folder of src/ is below src/: `import.meta.url` leads to the same places.
    output: {
      dir: path('../../dist/cli'),
      format: 'es',
      chunkFileNames: '[name]-[hash].js',
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [{ name: fileOf, debugName: 'by-command' }],
      },
      sourcemap: true,
    },
  },
  // Run by the build alone; what it needs of zod does not belong into the program.
  {
    ...common,
    input: path('../config/json-schema.ts'),
    output: { file: path('../../dist/cli/json-schema.js'), format: 'es' },
  },
];
