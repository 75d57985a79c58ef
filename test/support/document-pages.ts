/** Drives pages that hold documents; used by the document suites. */
import type { Browser, Page } from '@playwright/test'
import type { PageServer } from './page-server.js'
import type { DocumentPage } from './pages/document-page.js'

/** Calls one function of the page's test interface. */
export async function call<Name extends keyof DocumentPage>(
  page: Page,
  name: Name,
  ...values: Parameters<DocumentPage[Name]>
): Promise<Awaited<ReturnType<DocumentPage[Name]>>> {
  const request: string = JSON.stringify([name, values])
  const answer: unknown = await page.evaluate((request: string): unknown => {
    const [name, values] = JSON.parse(request) as [string, unknown[]]
    return (window.holdfastTest as unknown as Record<string, (...values: unknown[]) => unknown>)[name]?.(
      ...values,
    )
  }, request)
  return answer as Awaited<ReturnType<DocumentPage[Name]>>
}

/** A page in a browser context of its own, so that nothing but signaling and WebRTC joins it to others. */
export async function freshPage(browser: Browser, pages: PageServer): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await load(page, pages)
  return page
}

/** Loads the test page (again). */
export async function load(page: Page, pages: PageServer): Promise<void> {
  await page.goto(pages.page('test/support/pages/document-page.ts'))
  await page.waitForFunction(() => window.holdfastTest !== undefined)
}

/** Participants that one kind of link reaches, sorted. */
export async function linkPeers(page: Page, participant: string, kind: string): Promise<readonly string[]> {
  const links = await call(page, 'links', participant)
  return [...(links.find((link) => link.kind === kind)?.peers ?? [])].sort()
}
