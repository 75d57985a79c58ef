/** The React hooks in a real browser, under StrictMode, on a call that the test drives. */
import { expect, test } from '@playwright/test'
import { type PageServer, servePages } from '../support/page-server.js'

let pages: PageServer
test.beforeAll(async () => {
  pages = await servePages()
})
test.afterAll(() => pages.close())
test.beforeEach(async ({ page }) => {
  await page.goto(pages.page('test/browser/pages/react.tsx'))
  await expect(page.locator('#recovery')).toHaveText('idle 0 east')
})

test('a component renders again only when what it selected has changed', async ({ page }) => {
  const before = await page.evaluate(() => ({ ...window.reactPage.renders }))
  await page.evaluate(() => window.reactPage.call.set({ statusText: 'Switching to west.', state: 'switching' }))
  await expect(page.locator('#status')).toHaveText('Switching to west.')
  const after = await page.evaluate(() => ({ ...window.reactPage.renders }))
  expect(after.status).toBeGreaterThan(before.status ?? 0)
  expect({ ...after, status: 0 }).toEqual({ ...before, status: 0 })
})

test('a selection with equal entries renders nothing', async ({ page }) => {
  const before = await page.evaluate(() => window.reactPage.renders.names)
  await page.evaluate(() => {
    const { call, peerOf, stream } = window.reactPage
    call.set({ peers: [peerOf('ada', stream, { provider: 'west' })], statusText: 'Everybody is on west.' })
  })
  await expect(page.locator('#status')).toHaveText('Everybody is on west.')
  expect(await page.evaluate(() => window.reactPage.renders.names)).toBe(before)
})

test('a video is bound once over renders and switches', async ({ page }) => {
  for (const provider of ['west', 'east', 'mesh'])
    await page.evaluate((to) => {
      const { call, peerOf, stream } = window.reactPage
      call.set({ provider: to, peers: [peerOf('ada', stream, { provider: to })] })
    }, provider)
  await expect(page.locator('#recovery')).toHaveText('idle 0 mesh')
  expect(await page.evaluate(() => window.reactPage.renders.tile)).toBeGreaterThan(2)
  expect(await page.evaluate(() => window.reactPage.bindings())).toBe(1)
})

test('an attempt that ended is read without polling', async ({ page }) => {
  await page.evaluate(() => {
    const { call } = window.reactPage
    const last = { id: 'a1', outcome: 'succeeded' } as import('../../src/index.js').Attempt
    call.kept = [last]
    call.set({ recovery: { ...call.getSnapshot().recovery, last } })
  })
  await expect(page.locator('#recovery')).toHaveText('idle 1 east')
})

test('mounting and unmounting never joins or leaves, and unmounting removes every listener', async ({
  page,
}) => {
  await page.getByText('toggle').click()
  await expect(page.locator('video')).toHaveCount(0)
  await page.getByText('switch').click()
  await page.evaluate(() => window.reactPage.unmount())
  const left = await page.evaluate(() => ({
    asked: window.reactPage.call.asked,
    listeners: window.reactPage.call.listenerCount,
  }))
  expect(left).toEqual({ asked: ['switchTo west'], listeners: 0 })
})
