import { expect, test } from '@playwright/test'
import { type PageServer, servePages } from '../support/page-server.js'

let pages: PageServer
test.beforeAll(async () => {
  pages = await servePages()
})
test.afterAll(() => pages.close())

test('a bundled source entry loads in real Chromium with WebRTC and WebCrypto', async ({ page }) => {
  await page.goto(pages.page('src/errors.ts'))
  expect(await page.evaluate(() => typeof RTCPeerConnection)).toBe('function')
  expect(await page.evaluate(() => typeof crypto.subtle)).toBe('object')
})
