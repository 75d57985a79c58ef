/** The history against Chromium's own IndexedDB, with real second tabs. */
import { expect, type Page, test } from '@playwright/test'
import { historyChecks } from '../support/history-checks.js'
import { type PageServer, servePages } from '../support/page-server.js'

let pages: PageServer
test.beforeAll(async () => {
  pages = await servePages()
})
test.afterAll(() => pages.close())

async function openPage(page: Page): Promise<Page> {
  await page.goto(pages.page('test/browser/pages/history.ts'))
  await page.waitForFunction(() => 'historyPage' in window)
  return page
}

for (const mode of ['indexeddb', 'memory'] as const)
  test(`a history in ${mode} keeps every promise of the shared checks in Chromium`, async ({ page }) => {
    await openPage(page)
    for (const { name } of historyChecks)
      await test.step(name, async () => {
        const warnings = await page.evaluate(([check, where]) => window.historyPage.runCheck(check, where), [
          name,
          mode,
        ] as const)
        expect(warnings).toEqual([])
      })
  })

test('P22 an attempt that a closed tab left open is cancelled at the next start', async ({ context }) => {
  const first = await openPage(await context.newPage())
  await first.evaluate(async () => {
    const store = window.historyPage.openHistory({ mode: 'indexeddb', onWarning: () => {} })
    await store.put(window.historyPage.attemptOf({ outcome: 'in-progress', durationMs: null }))
  })
  await first.close()
  const second = await openPage(await context.newPage())
  const found = await second.evaluate(async () => {
    const store = window.historyPage.openHistory({ mode: 'indexeddb', onWarning: () => {} })
    const settled = await store.settleAbandoned('team')
    return { settled, outcomes: (await store.list()).map((attempt) => attempt.outcome) }
  })
  expect(found).toEqual({ settled: 1, outcomes: ['cancelled'] })
})

test('an upgrade in a second tab is not held up, and the first tab goes on in memory', async ({ context }) => {
  const first = await openPage(await context.newPage())
  await first.evaluate(async () => {
    const warnings: string[] = []
    const store = window.historyPage.openHistory({
      mode: 'indexeddb',
      onWarning: (warning) => warnings.push(warning.code),
    })
    await store.put(window.historyPage.attemptOf())
    Object.assign(window, { store, warnings })
  })
  const second = await openPage(await context.newPage())
  const version = await second.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const request = indexedDB.open('holdfast-history', 3)
        request.onsuccess = () => resolve(request.result.version)
        request.onerror = () => reject(request.error)
      }),
  )
  expect(version).toBe(3)
  const state = await first.evaluate(async () => {
    const { store, warnings } = window as unknown as {
      store: import('../../src/history/attempt.js').HistoryStore
      warnings: string[]
    }
    await store.put(window.historyPage.attemptOf())
    return { mode: store.mode, kept: (await store.list()).length, warnings }
  })
  expect(state).toEqual({ mode: 'memory', kept: 2, warnings: ['storage-newer'] })
})

test('P49 several tabs write one chain into the audit, and it verifies', async ({ context }) => {
  const tabs = await Promise.all([1, 2, 3].map(async () => openPage(await context.newPage())))
  await Promise.all(
    tabs.map((tab, index) => tab.evaluate((n) => window.historyPage.appendEvents(n, 20), index)),
  )
  const report = await tabs[0]?.evaluate(() => window.historyPage.verify())
  expect(report).toEqual({ isIntact: true, checked: 60, erased: 0, brokenAt: null })
})

test('P50 a database of version 1 is carried over with its rows', async ({ page }) => {
  await openPage(page)
  const found = await page.evaluate(async () => {
    const attempt = window.historyPage.attemptOf()
    await window.historyPage.makeVersionOne(attempt)
    const store = window.historyPage.openHistory({ mode: 'indexeddb', onWarning: () => {} })
    const kept = await store.list()
    return { mode: store.mode, isSame: JSON.stringify(kept) === JSON.stringify([attempt]) }
  })
  expect(found).toEqual({ mode: 'indexeddb', isSame: true })
})
