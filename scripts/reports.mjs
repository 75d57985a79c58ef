/**
 * Runs vitest and Playwright Test with a report that can be read, and says of each test how it ended: `npm test`
 * and `npm run promises` count the same way.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { passedThrough, ROOT } from './checks.mjs'

/** Below node_modules, so nothing that watches, packs or lints the project sees them. */
export const REPORTS = join(ROOT, 'node_modules/.cache/holdfast-reports')
const NO_REASON = 'no reason given'

/** Runs vitest; `report` is null when it ended without one. */
export async function runVitest(parameters = []) {
  const file = fresh('vitest.json')
  const status = await passedThrough([
    process.execPath,
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...parameters,
  ])
  return { status, report: read(file) }
}

/** Runs Playwright Test; `report` is null when it ended without one. */
export async function runPlaywright(parameters = []) {
  const file = fresh('playwright.json')
  const status = await passedThrough(
    [
      process.execPath,
      join(ROOT, 'node_modules/@playwright/test/cli.js'),
      'test',
      '--reporter=dot,json',
      ...parameters,
    ],
    { PLAYWRIGHT_JSON_OUTPUT_NAME: file, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
  )
  return { status, report: read(file) }
}

/** Each test of a vitest report: its titles from the outermost group inwards, and how it ended. */
export function vitestResults(report) {
  return (report?.testResults ?? []).flatMap((file) =>
    file.assertionResults.map(({ ancestorTitles, title, status, meta }) => ({
      file: relative(ROOT, file.name),
      titles: [...ancestorTitles, title],
      outcome: status === 'passed' || status === 'failed' ? status : 'skipped',
      reason: meta?.reason ?? NO_REASON,
    })),
  )
}

/** Each test of a Playwright report, likewise; one that needed a second try has passed. */
export function playwrightResults(report) {
  const outcomes = { expected: 'passed', flaky: 'passed', unexpected: 'failed', skipped: 'skipped' }
  return (report?.suites ?? []).flatMap((suite) =>
    specsOf([suite]).map((spec) => ({
      file: join('test/browser', suite.file),
      titles: [...spec.groups, spec.title],
      outcome: isMeantToFail(spec) ? 'failed' : (outcomes[spec.tests[0]?.status] ?? 'failed'),
      reason: reasonOf(spec),
    })),
  )
}

/** All specs below suites of a Playwright report, each with the titles of the groups that it is in. */
export function specsOf(suites = [], groups = []) {
  return suites.flatMap((suite) => [
    ...(suite.specs ?? []).map((spec) => ({ ...spec, groups })),
    ...(suite.suites ?? []).flatMap((inner) => specsOf([inner], [...groups, inner.title])),
  ])
}

/** The text of a report that a runner has left; null where there is none. */
export function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    process.stdout.write(`no report: ${error.message}\n`)
    return null
  }
}

/** `test.fail()` passes by failing: that shows nothing of what the title says. */
function isMeantToFail({ tests }) {
  return tests.some(({ expectedStatus }) => expectedStatus === 'failed')
}

function reasonOf(spec) {
  const notes = spec.tests.flatMap((test) => test.annotations ?? [])
  return notes.find((note) => note.type === 'skip')?.description ?? NO_REASON
}

/** Where a runner shall write; a report of an earlier run must not be taken for its own. */
function fresh(name) {
  const file = join(REPORTS, name)
  mkdirSync(REPORTS, { recursive: true })
  rmSync(file, { force: true })
  return file
}
