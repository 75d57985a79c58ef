/**
 * Firefox in the place of Chromium: the few things that stages ask of a browser of Playwright, over WebDriver BiDi.
 * Each participant sits in a window of its own, because Firefox slows down what a tab in the background does.
 */
import type { Browser, Page } from 'playwright'
import type { Browser as Firefox } from 'puppeteer-core'
import { launchFirefox } from '../support/firefox.js'

/** A browser for stages; `newContext`, `newPage`, `goto`, `evaluate`, `waitForFunction` and `close` are there. */
export async function launchFirefoxStage(): Promise<Browser> {
  const firefox = await launchFirefox()
  const browser = { newContext: () => openContext(firefox), close: () => firefox.close() }
  // Everything else of a browser is unknown to stages; scenarios that need more are not recorded with Firefox.
  return browser as unknown as Browser
}

async function openContext(firefox: Firefox): Promise<{ newPage(): Promise<Page>; close(): Promise<void> }> {
  const context = await firefox.createBrowserContext()
  const handle = {
    async newPage(): Promise<Page> {
      const page = await context.newPage({ type: 'window' })
      return Object.assign(page, { context: () => handle }) as unknown as Page
    },
    close: () => context.close(),
  }
  return handle
}
