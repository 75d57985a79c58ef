import { defineConfig } from '@playwright/test'
import { CHROMIUM_FLAGS, chromiumPath } from './test/support/chromium.js'

const executablePath = chromiumPath()

export default defineConfig({
  testDir: 'test/browser',
  testMatch: '**/*.spec.ts',
  // Two cores: a second browser suite beside the first would falsify what the tests measure.
  workers: 1,
  // A machine of CI shares its cores with strangers; what passes only then is named as flaky at the end.
  retries: process.env.CI === 'true' ? 2 : 0,
  timeout: 60_000,
  reporter: [['line']],
  outputDir: 'test-results',
  use: {
    launchOptions: { ...(executablePath ? { executablePath } : {}), args: [...CHROMIUM_FLAGS] },
    permissions: ['camera', 'microphone'],
  },
})
