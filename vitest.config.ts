import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/{unit,compliance,scenarios,simulation,packaging}/**/*.test.ts'],
    environment: 'node',
    passWithNoTests: true,
    // A test that asks nothing cannot fail, and would still count as one that passed.
    expect: { requireAssertions: true },
    // Some tests start processes, and machines of CI are busy: a late answer is no wrong one.
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
})
