import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/{unit,compliance,scenarios,simulation,packaging}/**/*.test.ts'],
    environment: 'node',
    passWithNoTests: true,
  },
})
