/**
 * A call of two pages of Firefox ESR over the SFUs of `holdfast dev`: it comes about, and it goes on when its SFU is
 * killed. Driven over WebDriver BiDi: Playwright's own Firefox is another browser.
 */
import { expect, test } from '@playwright/test'
import type { Browser, Page } from 'puppeteer-core'
import type { DevServers } from '../../src/server/dev.js'
import type { TabSpec } from '../support/call-page.js'
import { startTestDev } from '../support/dev.js'
import { firefoxPath, launchFirefox } from '../support/firefox.js'
import { type PageServer, servePages } from '../support/page-server.js'

/** Two windows of one browser encode in software. */
const FLOW_LIMIT_MS = 30_000

test.skip(firefoxPath() === undefined, 'no Firefox here (install firefox-esr): its calls are not tested')

let pages: PageServer
let dev: DevServers
let firefox: Browser

test.beforeAll(async () => {
  pages = await servePages()
  dev = await startTestDev()
  firefox = await launchFirefox()
})
test.afterAll(async () => {
  await firefox?.close()
  await dev?.close()
  await pages?.close()
})

test('Firefox: two people see each other, and again after their SFU was killed', async () => {
  test.setTimeout(3 * FLOW_LIMIT_MS)
  const tabs = await Promise.all(['ana', 'bob'].map(openWindow))
  await Promise.all(tabs.map(({ page, spec }) => page.evaluate((one) => window.rig.start(one), spec)))
  await picturesMove(tabs.map(({ page }) => page))
  const provider = await tabs[0]?.page.evaluate(() => window.rig.snapshot().provider)
  await dev.kill(provider ?? '')
  await expect
    .poll(() => tabs[1]?.page.evaluate(() => window.rig.snapshot().provider), { timeout: FLOW_LIMIT_MS })
    .not.toBe(provider)
  await picturesMove(tabs.map(({ page }) => page))
})

async function openWindow(id: string): Promise<{ readonly page: Page; readonly spec: TabSpec }> {
  const context = await firefox.createBrowserContext()
  // In a tab in the background pictures are not shown, and timers are slowed down.
  const page = await context.newPage({ type: 'window' })
  await page.goto(pages.page('test/support/call-page.ts'))
  await page.waitForFunction(() => window.rig !== undefined)
  const providers = dev.sfus.map(({ name, url }) => ({ kind: 'whip' as const, id: name, url }))
  return {
    page,
    spec: { room: 'firefox', me: { id }, providers, signaling: [dev.signalingUrl], watchesBlack: false },
  }
}

/** What is shown changes: decoding alone is not seeing. */
async function picturesMove(all: readonly Page[]): Promise<void> {
  const shown = (): Promise<number[]> =>
    Promise.all(
      all.map((page) =>
        page.evaluate(() =>
          Object.values(window.rig.frames()).reduce((sum, { times }) => sum + times.length, 0),
        ),
      ),
    )
  const before = await shown()
  await expect
    .poll(async () => Math.min(...(await shown()).map((count, at) => count - (before[at] ?? 0))), {
      timeout: FLOW_LIMIT_MS,
    })
    .toBeGreaterThan(10)
}
