import { type Browser, expect, type Page, test } from '@playwright/test'
import { type PageServer, servePages } from '../support/page-server.js'
import type { DocumentPage } from '../support/pages/document-page.js'
import { serveSignaling, type TestSignaling } from '../support/signaling.js'

let pages: PageServer
let signaling: TestSignaling
let count = 0

test.beforeAll(async () => {
  pages = await servePages()
})
test.afterAll(() => pages.close())
test.beforeEach(async () => {
  signaling = await serveSignaling()
})
test.afterEach(() => signaling.close())

const freshRoom = (): string => `document-${count++}`

/** Calls one function of the page's test interface. */
async function call<Name extends keyof DocumentPage>(
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

async function freshPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(pages.page('test/support/pages/document-page.ts'))
  await page.waitForFunction(() => window.holdfastTest !== undefined)
  return page
}

function open(page: Page, participant: string, room: string, password?: string) {
  return call(page, 'open', {
    participant,
    room,
    signaling: [signaling.url],
    ...(password === undefined ? {} : { password }),
  })
}

const linkPeers = async (page: Page, participant: string, kind: string): Promise<readonly string[]> =>
  (await call(page, 'links', participant)).find((link) => link.kind === kind)?.peers ?? []

test('two contexts see each other’s registers and presence, over signaling and over a data channel', async ({
  browser,
}) => {
  const room = freshRoom()
  const [ann, ben] = await Promise.all([freshPage(browser), freshPage(browser)])
  await open(ann, 'ann', room)
  const opened = await open(ben, 'ben', room)
  const seenAfterMs = await call(ben, 'untilSeen', 'ben', ['ann'])
  await call(ann, 'untilSeen', 'ann', ['ben'])
  test.info().annotations.push({ type: 'joined', description: `${opened.tookMs} + ${seenAfterMs} ms` })
  await expect.poll(() => linkPeers(ann, 'ann', 'webrtc')).toEqual(['ben'])
  await expect.poll(() => linkPeers(ben, 'ben', 'webrtc')).toEqual(['ann'])
  await call(ann, 'publish', 'ann')
  await expect.poll(() => call(ben, 'registers', 'ben')).toEqual({ ann: 2, ben: 1 })
  await expect.poll(() => call(ben, 'status', 'ben')).toEqual({ isSyncing: false, hasHeardPeer: true })
  expect(await call(ben, 'uncaught')).toEqual([])
})
