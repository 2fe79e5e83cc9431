import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/helpers/umask.ts'],
    // Most of the time a test waits for a process or a server: a core for vitest itself would stand idle.
    maxWorkers: '100%',
    // Much longer than any test takes, also on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
