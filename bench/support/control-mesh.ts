/** Idle traffic of rooms on data channels: one page per participant in one browser, everybody linked with everybody. */
import { chromium, type Page } from 'playwright'
import { CHROMIUM_FLAGS, chromiumPath } from '../../test/support/chromium.js'
import { servePages } from '../../test/support/page-server.js'
import { serveSignaling } from '../../test/support/signaling.js'
import type { Figure } from '../figure.js'
import { atMost } from './statistics.js'

const ENTRY = 'bench/support/traffic-page.ts'
/** Committees are full, channels are compared and nobody announces anything any more. */
const SETTLE_MS = 12_000
/** A renewal of every presence, digests and comparisons fall into it. */
const IDLE_MS = 30_000
const CONNECT_LIMIT_MS = 60_000
/** Pages in the background draw no frames, by which the default would look. */
const POLL_MS = 250

/** Bytes a second, both ways, per participant of a room of `size`. */
export async function meshTraffic(size: number, progress: (line: string) => void): Promise<Figure> {
  const [pages, signaling] = await Promise.all([servePages(), serveSignaling()])
  const executablePath = chromiumPath()
  const browser = await chromium.launch({
    args: [...CHROMIUM_FLAGS],
    ...(executablePath === undefined ? {} : { executablePath }),
  })
  try {
    const context = await browser.newContext()
    context.setDefaultTimeout(CONNECT_LIMIT_MS)
    const tabs: Page[] = []
    for (let index = 0; index < size; index += 1) {
      const tab = await context.newPage()
      await tab.goto(pages.page(ENTRY))
      await tab.waitForFunction(() => 'trafficPage' in window)
      await tab.evaluate(
        ([me, url]) => window.trafficPage.join(me ?? '', 'traffic', url ?? ''),
        [`person-${index}`, signaling.url],
      )
      tabs.push(tab)
    }
    const isLinked = await Promise.all(tabs.map((tab) => untilLinked(tab, size - 1)))
    const linked = isLinked.filter((is) => is).length
    progress(`${linked} of ${size} pages are linked with all others`)
    await tabs[0]?.waitForTimeout(SETTLE_MS)
    const total = async (): Promise<number> => {
      const all = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.trafficPage.traffic())))
      return all.reduce((sum, { sent, received }) => sum + sent + received, 0)
    }
    const before = await total()
    await tabs[0]?.waitForTimeout(IDLE_MS)
    const rate = ((await total()) - before) / size / IDLE_MS
    const figure = atMost(`idle control traffic per participant, ${size} on y-webrtc`, rate, 'kB/s', 2, size)
    // What a room costs that is not whole says nothing about one that is.
    return linked === size ? figure : { ...figure, holds: false, n: linked }
  } finally {
    await browser.close()
    await Promise.all([pages.close(), signaling.close()])
  }
}

/** Whether the page has links to `others` pages within the limit. */
async function untilLinked(tab: Page, others: number): Promise<boolean> {
  const limit = { timeout: CONNECT_LIMIT_MS, polling: POLL_MS }
  try {
    await tab.waitForFunction((wanted) => window.trafficPage.linked() === wanted, others, limit)
    return true
  } catch {
    // Too slow: the row says so.
    return false
  }
}
