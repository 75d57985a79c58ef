/** Runs the compliance suite of one adapter in a Chromium page, one Playwright test per check. */
import { expect, type Page, test } from '@playwright/test'
import { providerCompliance } from '../../src/testing/index.js'
import type { PageConfig } from './compliance-page.js'
import { type PageServer, servePages } from './page-server.js'

/** What runs beside the page while the suite runs. */
export interface ComplianceSurroundings {
  readonly config?: PageConfig
  /** Faults carried out in Node, by the names that the page calls; what they return is given to the page. */
  readonly faults?: Readonly<Record<string, () => Promise<string | undefined> | string | undefined>>
  stop?(): Promise<void> | void
}

/** Options of {@link complianceSpec}. */
export interface ComplianceSpec {
  readonly title: string
  /** Entry that calls `servePageCompliance`, from the project's root. */
  readonly page: string
  start?(): Promise<ComplianceSurroundings>
  /** Check ids that are left out, with a reason that is printed. */
  readonly except?: Readonly<Record<string, string>>
}

/** Declares the tests; call it at the top of a spec file. */
export function complianceSpec(spec: ComplianceSpec): void {
  test.describe(`${spec.title} passes the provider compliance suite`, () => {
    let pages: PageServer
    let page: Page
    let surroundings: ComplianceSurroundings = {}

    test.beforeAll(async ({ browser }) => {
      surroundings = (await spec.start?.()) ?? {}
      pages = await servePages()
      page = await (await browser.newContext()).newPage()
      await page.exposeFunction('complianceFault', async (name: string) => {
        const fault = surroundings.faults?.[name]
        if (!fault) throw new Error(`no fault ${name}`)
        return (await fault()) ?? ''
      })
      await page.goto(pages.page(spec.page))
      await page.waitForFunction(() => window.runComplianceCheck !== undefined)
    })

    test.afterAll(async () => {
      await page?.context().close()
      await pages?.close()
      await surroundings.stop?.()
    })

    for (const check of providerCompliance)
      test(`${check.id}: ${check.title}`, async () => {
        const exception = spec.except?.[check.id]
        test.skip(exception !== undefined, `does not apply: ${exception}`)
        const result = await page.evaluate(([id, config]) => window.runComplianceCheck?.(id, config), [
          check.id,
          surroundings.config ?? {},
        ] as const)
        test.skip(result?.outcome === 'skipped', `does not apply: ${result?.reason}`)
        expect(result?.reason ?? result?.outcome).toBe('passed')
      })
  })
}
