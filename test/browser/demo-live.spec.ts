/** The demo on real servers: its buttons kill, hang and revive, and the call goes on. */
import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import { type LiveDemo, startLiveDemo } from '../support/live-demo.js'

// Real encoders for up to sixteen videos, on whatever machine runs this.
test.describe.configure({ timeout: 120_000 })

let demo: LiveDemo
test.beforeEach(async () => {
  demo = await startLiveDemo()
})
test.afterEach(() => demo.close())

test('four participants in one page survive the kill of their provider, button to picture', async ({
  page,
}) => {
  await page.goto(`${demo.url}/?grid=4&room=grid`)
  await expectCards(page, 'Everybody is on east.')
  await expectMoving(page, 16)
  await page.screenshot({ path: test.info().outputPath('before.png') })
  await page.getByRole('button', { name: 'Kill east' }).click()
  await page.screenshot({ path: test.info().outputPath('during.png') })
  await expectCards(page, 'Everybody is on west.')
  await expectMoving(page, 16)
  await page.screenshot({ path: test.info().outputPath('after.png') })
})

test('two tabs move by hand, and a tab that was cut comes back', async ({ browser }) => {
  const [ada, ben] = [await browser.newContext(), await browser.newContext()]
  const first = await join(ada, 'Ada')
  const second = await join(ben, 'Ben')
  for (const page of [first, second]) {
    await expectStatus(page, 'Everybody is on east.')
    await expectMoving(page, 2)
  }
  await first.getByRole('button', { name: 'Move here to west' }).click()
  for (const page of [first, second]) await expectStatus(page, 'Everybody is on west.')

  await first.getByRole('button', { name: 'Cut this tab' }).click()
  await expect(first.locator('.pill')).not.toHaveAttribute('data-state', 'live')
  await first.screenshot({ path: test.info().outputPath('cut.png') })
  await first.getByRole('button', { name: 'Reconnect this tab' }).click()
  for (const page of [first, second]) await expect(page.locator('[data-peer]:not(.tile-away)')).toHaveCount(1)
  await expect(async () => {
    const [one, other] = await Promise.all(
      [first, second].map((page) => page.getByRole('status').textContent()),
    )
    expect(one).toMatch(/^Everybody is on \w+\.$/)
    expect(other).toBe(one)
  }).toPass({ timeout: 30_000 })
  for (const page of [first, second]) await expectMoving(page, 2)
  await ada.close()
  await ben.close()
})

test('the script-tag page is in one call with the React demo, and moves with it', async ({ browser }) => {
  const [ada, guest] = [await browser.newContext(), await browser.newContext()]
  const first = await join(ada, 'Ada')
  const plain = await guest.newPage()
  await plain.goto(`${demo.url}/script-tag/?room=tabs`)
  await plain.getByRole('button', { name: 'Join' }).click()
  for (const page of [first, plain]) await expectMoving(page, 2)
  await plain.getByRole('button', { name: 'Move everybody to west' }).click()
  for (const page of [first, plain]) await expectStatus(page, 'Everybody is on west.')
  await first.screenshot({ path: test.info().outputPath('two.png') })
  await plain.screenshot({ path: test.info().outputPath('script-tag.png') })
  await ada.close()
  await guest.close()
})

async function join(context: BrowserContext, name: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${demo.url}/?auto=1&fake=1&quiet=1&room=tabs&name=${name}`)
  return page
}

async function expectStatus(page: Page, text: string): Promise<void> {
  await expect(page.getByRole('status')).toHaveText(text, { timeout: 20_000 })
}

async function expectCards(page: Page, text: string): Promise<void> {
  for (let card = 0; card < 4; card += 1)
    await expect(page.locator('[data-participant] .pill').nth(card)).toHaveText(text, { timeout: 20_000 })
}

/** Every video in the page shows new pictures. */
async function expectMoving(page: Page, count: number): Promise<void> {
  await expect(page.locator('video')).toHaveCount(count, { timeout: 20_000 })
  await page.evaluate(() =>
    Promise.all(
      [...document.querySelectorAll('video')].map(
        (video) =>
          new Promise<void>((resolve) => {
            video.requestVideoFrameCallback(() => video.requestVideoFrameCallback(() => resolve()))
          }),
      ),
    ),
  )
}
