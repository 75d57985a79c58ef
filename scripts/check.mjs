/** Everything that needs no browser: format, lint, types, build, unit and packaging tests, package checks. */
import { join } from 'node:path'
import { PACKAGE_CHECKS, passedThrough, ROOT, runChecks, SOURCE_CHECKS } from './checks.mjs'

let failed = await runChecks(SOURCE_CHECKS)
const vitest = [process.execPath, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=dot']
if ((await passedThrough(vitest)) !== 0) failed++
failed += await runChecks(PACKAGE_CHECKS)
process.exitCode = failed === 0 ? 0 : 1
