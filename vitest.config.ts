import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Much longer than any test takes, also on a busy machine.
  test: { include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
});
