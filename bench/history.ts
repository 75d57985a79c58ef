/**
 * Suite `history`: what 100,000 stored attempts cost a page, on Chromium's own IndexedDB. Selection works from
 * memory, so the same is measured with an empty database beside it: they should not differ.
 */
import { chromium, type Page } from 'playwright'
import { CHROMIUM_FLAGS, chromiumPath } from '../test/support/chromium.js'
import { servePages } from '../test/support/page-server.js'
import type { RunSuite } from './figure.js'
import { atMost, median, quantile } from './support/statistics.js'

/** Attempts in the database. */
const STORED = 100_000
/** Page loads whose opening is measured. */
const OPENINGS = 15
/** Choices measured on each database. */
const CHOICES = 3000
/** Attempts that have expired and are pruned while the page is watched. */
const EXPIRED = 10_000

/** Measures all rows. */
export const run: RunSuite = async (progress) => {
  const pages = await servePages()
  const executablePath = chromiumPath()
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [...CHROMIUM_FLAGS],
  })
  try {
    const context = await browser.newContext()
    let page = await context.newPage()
    const load = async (): Promise<void> => {
      await page.goto(pages.page('bench/support/history-page.ts'))
      await page.waitForFunction(() => 'historyBench' in window)
    }
    await load()
    await page.evaluate(() => window.historyBench.fill(0, 0))
    const empty = await measure(page, load)
    progress(`empty: opens in ${median(empty.openings).toFixed(1)} ms`)
    await page.evaluate(([count, expired]) => window.historyBench.fill(count, expired), [
      STORED,
      EXPIRED,
    ] as const)
    progress(`filled with ${STORED}`)
    const full = await measure(page, load)
    progress(`full: opens in ${median(full.openings).toFixed(1)} ms`)
    const writes = await page.evaluate(() => window.historyBench.writeMs(200))
    // A process of its own: collecting what the measurements above left behind is not pruning's doing.
    await page.close()
    page = await context.newPage()
    await load()
    const calm = await page.evaluate(() => window.historyBench.longestBlockMs('calm'))
    const pruning = await page.evaluate(() => window.historyBench.longestBlockMs('prune'))
    progress(`pruned ${pruning.pruned} in ${pruning.tookMs.toFixed(0)} ms`)
    return [
      atMost('selection with 100,000 attempts stored, p95', quantile(full.choices, 0.95), 'ms', 2, CHOICES),
      atMost('selection with an empty database, p95', quantile(empty.choices, 0.95), 'ms', null, CHOICES),
      atMost('opening with 100,000 attempts stored, median', median(full.openings), 'ms', null, OPENINGS),
      atMost('opening with 100,000 attempts stored, p95', quantile(full.openings, 0.95), 'ms', 100, OPENINGS),
      atMost('opening an empty database, p95', quantile(empty.openings, 0.95), 'ms', null, OPENINGS),
      atMost('writing one attempt among 100,000, p95', quantile(writes, 0.95), 'ms', null, writes.length),
      atMost('longest block of the page while pruning', pruning.longestMs, 'ms', 8, pruning.beats),
      atMost('blocks above 8 ms while pruning', pruning.above8, 'blocks', null, pruning.beats),
      atMost(
        'rows pruned per second',
        (pruning.pruned / pruning.tookMs) * 1000,
        'rows/s',
        null,
        pruning.pruned,
      ),
      atMost('blocks above 8 ms of the same page doing nothing', calm.above8, 'blocks', null, calm.beats),
      atMost('longest block of the same page doing nothing', calm.longestMs, 'ms', null, calm.beats),
    ]
  } finally {
    await browser.close()
    await pages.close()
  }
}

async function measure(
  page: Page,
  load: () => Promise<void>,
): Promise<{ readonly openings: readonly number[]; readonly choices: readonly number[] }> {
  const openings: number[] = []
  for (let time = 0; time < OPENINGS; time += 1) {
    await load()
    openings.push(await page.evaluate(() => window.historyBench.openMs()))
  }
  return { openings, choices: await page.evaluate((count) => window.historyBench.chooseMs(count), CHOICES) }
}
