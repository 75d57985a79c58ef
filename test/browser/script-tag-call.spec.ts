/** The script-tag file in a real call: its stand-ins for packages carry the document and the mesh's media. */
import { type Browser, expect, type Page, test } from '@playwright/test'
import type { ProviderSpec } from '../support/call-page.js'
import { type LiveDemo, startLiveDemo } from '../support/live-demo.js'
import { type PageServer, servePages } from '../support/page-server.js'
import { agreedOn, framesOf, openTab, snapshotOf, startTab, type Tab } from '../support/tabs.js'

let demo: LiveDemo
let pages: PageServer

test.beforeAll(async () => {
  demo = await startLiveDemo()
  pages = await servePages()
})
test.afterAll(async () => {
  await pages?.close()
  await demo?.close()
})

test('two script-tag pages share a call over an SFU, over mesh and back, and see each other leave', async ({
  browser,
}) => {
  const pages = [await join(browser, 'Ada'), await join(browser, 'Ben')] as const
  const [ada, ben] = pages
  for (const page of pages) await expectMoving(page, 2)
  await expect(ada.locator('#videos')).toContainText('Ben')
  await expect(ben.locator('#videos')).toContainText('Ada')
  await ada.screenshot({ path: test.info().outputPath('script-tag.png') })
  for (const [page, provider] of [
    [ada, 'mesh'],
    [ben, 'west'],
    [ben, 'mesh'],
  ] as const) {
    await page.getByRole('button', { name: `Move everybody to ${provider}` }).click()
    for (const one of pages) {
      await expect(one.getByRole('status')).toHaveText(`Everybody is on ${provider}.`, { timeout: 20_000 })
      await expectMoving(one, 2)
    }
  }
  await ben.getByRole('button', { name: 'Leave' }).click()
  await expect(ben.getByRole('status')).toHaveText('You left the call.')
  await expect(ada.locator('video')).toHaveCount(1, { timeout: 20_000 })
  for (const page of pages) await page.context().close()
})

test('a script-tag page that dies without a word is missed, and one that comes again is seen', async ({
  browser,
}) => {
  const ada = await join(browser, 'Ada', 'again')
  const ben = await join(browser, 'Ben', 'again')
  await expectMoving(ada, 2)
  await ben.context().close()
  await expect(ada.locator('video')).toHaveCount(1, { timeout: 30_000 })
  const eve = await join(browser, 'Eve', 'again')
  for (const page of [ada, eve]) await expectMoving(page, 2)
  for (const page of [ada, eve]) await page.context().close()
})

test('a script-tag page and a page of modules agree, switch together and lose a provider together', async ({
  browser,
}) => {
  const { sfus, signalingUrl } = demo.dev
  const providers: readonly ProviderSpec[] = [
    ...sfus.map(({ name, url }) => ({ kind: 'whip' as const, id: name, url })),
    { kind: 'mesh', id: 'mesh' },
  ]
  const ada = await join(browser, 'Ada', 'mixed')
  const ben = await openTab(browser, pages, {
    ...{ room: 'mixed', me: { id: 'ben', name: 'Ben' }, providers, signaling: [signalingUrl] },
    watchesBlack: false,
  })
  await startTab(ben)
  await expectMoving(ada, 2)
  await expect(ada.locator('#videos')).toContainText('Ben')
  const onProvider = async (provider: string | null): Promise<void> => {
    if (provider !== null)
      await expect(ada.getByRole('status')).toHaveText(`Everybody is on ${provider}.`, { timeout: 15_000 })
    await agreedOn([ben], provider)
    await expect
      .poll(async () => (await snapshotOf(ben)).peers.map(({ name, state }) => `${name} ${state}`))
      .toEqual(['Ada live'])
    await expectMoving(ada, 2)
    await expectMovingIn(ben)
  }
  await onProvider(null)
  // Each asks once. In-band frames, words, patterns and echoes of the modules mean nothing to the script-tag page.
  await ada.getByRole('button', { name: 'Move everybody to mesh' }).click()
  await onProvider('mesh')
  await ben.page.evaluate(() => window.rig.call.switchTo('west'))
  await onProvider('west')
  await demo.dev.kill('west')
  await expect(ada.getByRole('status')).toHaveText(/^Everybody is on (east|mesh)\.$/, { timeout: 15_000 })
  const [after] = await agreedOn([ben], null)
  await onProvider(after?.provider ?? 'none')
  await demo.dev.restart('west')
  expect(ben.problems).toEqual([])
  const told = await ben.page.evaluate(() =>
    window.rig
      .moments()
      .flatMap(({ name, detail }) => (['warning', 'error'].includes(name) ? [String(detail)] : [])),
  )
  expect(told.filter((text) => !text.startsWith('provider-'))).toEqual([])
  for (const { context } of [{ context: ada.context() }, ben]) await context.close()
})

/** The tab gets new frames of everybody it shows. */
async function expectMovingIn(tab: Tab): Promise<void> {
  const count = async (): Promise<number> => {
    const logs = Object.values(await framesOf(tab))
    return Math.min(...logs.map(({ times }) => times.length))
  }
  const before = await count()
  await expect.poll(count, { timeout: 10_000 }).toBeGreaterThan(before + 5)
}

async function join(browser: Browser, name: string, room = 'tags'): Promise<Page> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
  const page = await context.newPage()
  page.on('pageerror', (error) => expect.soft(String(error), `uncaught in ${name}'s page`).toBe(''))
  await page.goto(`${demo.url}/script-tag/?room=${room}&name=${name}`)
  await page.getByRole('button', { name: 'Join' }).click()
  return page
}

/** Every video in the page shows pictures that were not there before. */
async function expectMoving(page: Page, count: number): Promise<void> {
  await expect(page.locator('video')).toHaveCount(count, { timeout: 20_000 })
  await page.evaluate(() =>
    Promise.all(
      [...document.querySelectorAll('video')].map(
        (video) => new Promise((resolve) => video.requestVideoFrameCallback(resolve)),
      ),
    ),
  )
}
