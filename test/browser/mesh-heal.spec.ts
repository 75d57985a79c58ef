import { expect, test } from '@playwright/test'
import { type PageServer, servePages } from '../support/page-server.js'

let pages: PageServer
test.beforeAll(async () => {
  pages = await servePages()
})
test.afterAll(() => pages.close())

for (const broken of ['ada', 'bea'] as const)
  test(`a mesh link that broke at ${broken} is replaced by a fresh attempt while both are listed`, async ({
    page,
  }) => {
    await page.goto(pages.page('test/support/mesh-heal-page.ts'))
    await page.waitForFunction(() => window.healAfter !== undefined)
    const healed = await page.evaluate((side) => window.healAfter?.(side), broken)
    expect(healed?.isFlowing).toBe(true)
    expect(healed?.shownMs).toBeLessThan(4_000)
    test.info().annotations.push({ type: 'figure', description: `shown again after ${healed?.shownMs} ms` })
  })
