import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

// Makes the scripts that `serve-plugin` gives out: each one file, minified, for browsers of 2018 and later.

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const scripts = [
  { input: 'snippet.ts', file: 'snippet.js', format: 'iife' },
  { input: 'module.ts', file: 'module.mjs', format: 'es' },
  { input: 'demo.ts', file: 'demo.js', format: 'iife' },
];

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Prints what a browser has to load. */
const printSize = {
  name: 'print-size',
  writeBundle({ file }) {
    const code = readFileSync(file, 'utf8').trim();
    writeFileSync(file, code);
    console.log(`${basename(file)}: ${code.length} bytes, ${gzipSync(code, { level: 9 }).length} gzipped`);
  },
};

export default scripts.map(({ input, file, format }) => ({
  input: path(input),
  platform: 'browser',
  tsconfig: path('tsconfig.json'),
  transform: { target: 'es2017', define: { __ROKT_VERSION__: JSON.stringify(version) } },
  logLevel: 'warn',
  output: { file: path(`../../dist/plugin/${file}`), format, minify: true },
  plugins: [printSize],
}));
