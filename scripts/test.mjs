/**
 * Every check and every test. The last line is `N passed, N failed`: tests counted from the reports of vitest
 * and Playwright; a check that fails, or a runner that ends without a report, counts as one failure.
 * Skipped tests are named with their reason; with CI=true each of them is a failure, because nothing may be
 * switched off there, except where a check of the compliance suite does not apply to an adapter.
 * So are browser tests that passed at the second try (`flaky:`), figures that tests measured (`measured:`), and
 * the files that took longest: all of it should stay below 25 minutes on two cores.
 */
import { rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { PACKAGE_CHECKS, passedThrough, ROOT, runChecks, SOURCE_CHECKS } from './checks.mjs'
import { keepResults, sourcesNow } from './promise-results.mjs'
import {
  playwrightResults,
  REPORTS,
  read,
  runPlaywright,
  runVitest,
  specsOf,
  vitestResults,
} from './reports.mjs'

/** Enough to see where the time goes. */
const SLOWEST_SHOWN = 10
const MS_PER_SECOND = 1000
rmSync(REPORTS, { recursive: true, force: true })
const sources = sourcesNow()

const checksFailed = await runChecks(SOURCE_CHECKS)
const unit = await vitest()
const packageFailed = await runChecks(PACKAGE_CHECKS)
const browser = await playwright()
const network = await lab()
// So that `npm run promises` can tell how each promise fared without running anything anew.
keepResults([...unit.results, ...browser.results], sources)

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
  const { status, report } = await runVitest()
  if (report === null) return { passed: 0, failed: 1, skipped: [], files: [], results: [] }
  const results = vitestResults(report)
  // A file that cannot even be loaded has no tests and is still a failure.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  const failed = results.filter(({ outcome }) => outcome === 'failed').length + brokenFiles.length
  return {
    passed: results.filter(({ outcome }) => outcome === 'passed').length,
    failed: Math.max(failed, status === 0 ? 0 : 1),
    skipped: skippedOf(results),
    files: report.testResults.map((file) => ({
      title: relative(ROOT, file.name),
      seconds: (file.endTime - file.startTime) / MS_PER_SECOND,
    })),
    results,
  }
}

async function playwright() {
  const { status, report } = await runPlaywright()
  if (report === null)
    return { passed: 0, failed: 1, skipped: [], flaky: [], measured: [], files: [], results: [] }
  const { expected, unexpected, flaky } = report.stats
  const specs = specsOf(report.suites)
  const results = playwrightResults(report)
  return {
    // There are retries only in CI, and a test that needed one is named.
    passed: expected + flaky,
    failed: Math.max(unexpected + report.errors.length, status === 0 ? 0 : 1),
    skipped: skippedOf(results),
    flaky: specs.filter(({ tests }) => tests.some((test) => test.status === 'flaky')).map(({ title }) => title),
    measured: specs.flatMap(measuredIn),
    files: report.suites.map((suite) => ({ title: suite.file, seconds: secondsOf(specsOf([suite])) })),
    results,
  }
}

function skippedOf(results) {
  return results
    .filter(({ outcome }) => outcome === 'skipped')
    .map(({ titles, reason }) => ({ title: titles.join(' '), reason }))
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
