/**
 * Every check and every test. The last line is `N passed, N failed`: tests counted from the reports of vitest
 * and Playwright; a check that fails, or a runner that ends without a report, counts as one failure.
 * Skipped tests are named with their reason; with CI=true each of them is a failure, because nothing may be
 * switched off there, except where a check of the compliance suite does not apply to an adapter.
 * So are browser tests that passed at the second try (`flaky:`), figures that tests measured (`measured:`), and
 * the files that took longest: all of it should stay below 25 minutes on two cores.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { PACKAGE_CHECKS, passedThrough, ROOT, runChecks, SOURCE_CHECKS } from './checks.mjs'

/** Enough to see where the time goes. */
const SLOWEST_SHOWN = 10
const MS_PER_SECOND = 1000
const NO_REASON = 'no reason given'
const REPORTS = join(ROOT, 'node_modules/.cache/holdfast-reports')
rmSync(REPORTS, { recursive: true, force: true })
mkdirSync(REPORTS, { recursive: true })

const checksFailed = await runChecks(SOURCE_CHECKS)
const unit = await vitest()
const packageFailed = await runChecks(PACKAGE_CHECKS)
const browser = await playwright()
const network = await lab()

for (const { title, seconds } of slowest([...unit.files, ...browser.files]))
  process.stdout.write(`slow: ${seconds.toFixed(1)} s ${title}\n`)
for (const line of [...browser.measured, ...network.measured]) process.stdout.write(`measured: ${line}\n`)
for (const title of browser.flaky) process.stdout.write(`flaky: ${title}\n`)
const skipped = [...unit.skipped, ...browser.skipped, ...network.skipped]
for (const { title, reason } of skipped) process.stdout.write(`skipped: ${title} (${reason})\n`)
const passed = unit.passed + browser.passed + network.passed
const switchedOff = skipped.filter(({ reason }) => !reason.startsWith('does not apply: '))
const skipsThatFail = process.env.CI === 'true' ? switchedOff.length : 0
const failed = checksFailed + packageFailed + unit.failed + browser.failed + network.failed + skipsThatFail
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
process.stdout.write(`${passed} passed, ${failed} failed\n`)

async function vitest() {
  const report = join(REPORTS, 'vitest.json')
  const status = await passedThrough([
    process.execPath,
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  const found = read(report)
  if (found === null) return { passed: 0, failed: 1, skipped: [], files: [] }
  const tests = found.testResults.flatMap((file) => file.assertionResults)
  // A file that cannot even be loaded has no tests and is still a failure.
  const brokenFiles = found.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  const failed = tests.filter((test) => test.status === 'failed').length + brokenFiles.length
  return {
    passed: tests.filter((test) => test.status === 'passed').length,
    failed: Math.max(failed, status === 0 ? 0 : 1),
    skipped: tests
      .filter((test) => ['pending', 'skipped', 'todo'].includes(test.status))
      .map((test) => ({ title: test.fullName, reason: test.meta?.reason ?? NO_REASON })),
    files: found.testResults.map((file) => ({
      title: relative(ROOT, file.name),
      seconds: (file.endTime - file.startTime) / MS_PER_SECOND,
    })),
  }
}

async function playwright() {
  const report = join(REPORTS, 'playwright.json')
  const status = await passedThrough(
    [process.execPath, join(ROOT, 'node_modules/@playwright/test/cli.js'), 'test', '--reporter=dot,json'],
    { PLAYWRIGHT_JSON_OUTPUT_NAME: report, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  )
  const found = read(report)
  if (found === null) return { passed: 0, failed: 1, skipped: [], flaky: [], measured: [], files: [] }
  const { expected, unexpected, flaky } = found.stats
  const specs = specsOf(found.suites)
  const titles = (status) =>
    specs.filter((spec) => spec.tests.some((test) => test.status === status)).map((spec) => spec.title)
  return {
    // There are retries only in CI, and a test that needed one is named.
    passed: expected + flaky,
    failed: Math.max(unexpected + found.errors.length, status === 0 ? 0 : 1),
    skipped: specs
      .filter((spec) => spec.tests.some((test) => test.status === 'skipped'))
      .map((spec) => ({ title: spec.title, reason: reasonOf(spec) })),
    flaky: titles('flaky'),
    measured: specs.flatMap(measuredIn),
    files: found.suites.map((suite) => ({ title: suite.file, seconds: secondsOf(specsOf([suite])) })),
  }
}

/** Some minutes of the network lab: each figure with a bar counts as a test. */
async function lab() {
  const report = join(REPORTS, 'lab.json')
  const command = [process.execPath, join(ROOT, 'scripts/lab.mjs'), '--subset', '--out', report]
  const status = await passedThrough(command)
  const found = read(report)
  if (found === null) return { passed: 0, failed: 1, skipped: [], measured: [] }
  if (found.reason)
    return { passed: 0, failed: 0, skipped: [{ title: 'network lab', reason: found.reason }], measured: [] }
  const held = found.figures.filter(({ holds }) => holds === true)
  const missed = found.figures.filter(({ holds }) => holds === false)
  for (const { name, value, unit, bar } of missed)
    process.stdout.write(`FAILED network lab: ${name}: ${value} ${unit}, bar ${bar}\n`)
  return {
    passed: held.length,
    failed: Math.max(missed.length, status === 0 ? 0 : 1),
    skipped: [],
    measured: found.figures.map(({ name, value, unit }) => `network lab: ${name}: ${value} ${unit}`),
  }
}

/** What a spec measured in the try that counts, as `title: description`. */
function measuredIn(spec) {
  return spec.tests.flatMap((test) =>
    (test.annotations ?? [])
      .filter(({ type }) => type === 'measured')
      .map(({ description }) => `${spec.title}: ${description ?? ''}`),
  )
}

function secondsOf(specs) {
  const results = specs.flatMap((spec) => spec.tests.flatMap((test) => test.results))
  return results.reduce((sum, { duration }) => sum + duration, 0) / MS_PER_SECOND
}

function slowest(files) {
  return files.sort((one, other) => other.seconds - one.seconds).slice(0, SLOWEST_SHOWN)
}

function specsOf(suites = []) {
  return suites.flatMap((suite) => [...(suite.specs ?? []), ...specsOf(suite.suites)])
}

function reasonOf(spec) {
  const notes = spec.tests.flatMap((test) => test.annotations ?? [])
  return notes.find((note) => note.type === 'skip')?.description ?? NO_REASON
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    process.stdout.write(`no report: ${error.message}\n`)
    return null
  }
}
