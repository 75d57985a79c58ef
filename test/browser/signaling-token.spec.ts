/** Calls over a signaling server that wants tokens; and that the token is told to nobody but the server. */
import { type Browser, expect, type Page, test } from '@playwright/test'
import { SignJWT } from 'jose'
import { type SignalingServer, startSignaling } from '../../src/server/signaling.js'
import { type PageServer, servePages } from '../support/page-server.js'

const SECRET = 'a secret that is long enough for HS256'
let pages: PageServer
let server: SignalingServer
const lines: string[] = []

test.beforeAll(async () => {
  pages = await servePages()
  server = await startSignaling({
    tokens: { secret: SECRET },
    journal: (...line) => lines.push(JSON.stringify(line)),
  })
})
test.afterAll(async () => {
  await server?.close()
  await pages?.close()
})

const tokenFor = (room: string, expires = '5m'): Promise<string> =>
  new SignJWT({ room })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(SECRET))

const open = async (browser: Browser): Promise<Page> => {
  const page = await (await browser.newContext({ permissions: ['camera', 'microphone'] })).newPage()
  await page.goto(pages.page('test/support/token-page.ts'))
  await page.waitForFunction(() => window.tokenRig !== undefined)
  return page
}
const start = (page: Page, room: string, id: string, url: string): Promise<void> =>
  page.evaluate(([...start]) => void window.tokenRig.start(start[0], start[1], [start[2]]), [
    room,
    id,
    url,
  ] as const)
const peersOf = (page: Page) => page.evaluate(() => window.tokenRig.peers())

/** No part of it: not the header that all tokens share, not the claims, not the signature. */
function expectSecret(told: string, token: string): void {
  for (const part of [...token.split('.'), 'token=']) expect(told).not.toContain(part)
}

test('a call over a server that wants tokens; neither page, log, errors nor storage get to see them', async ({
  browser,
}) => {
  const tokens = [await tokenFor('visit'), await tokenFor('visit', '6m')]
  const tabs = [await open(browser), await open(browser)]
  for (const [index, tab] of tabs.entries())
    await start(tab, 'visit', `person-${index}`, `${server.url}/?token=${tokens[index]}`)
  for (const [index, tab] of tabs.entries())
    await expect.poll(() => peersOf(tab), { timeout: 20_000 }).toMatchObject([{ id: `person-${1 - index}` }])
  // The server goes and comes back without knowing the tokens: sockets fail in every way there is.
  const { port } = server
  await server.close()
  const links = (tab: Page) => tab.evaluate(() => JSON.stringify(window.tokenRig.links()))
  await expect
    .poll(() => links(tabs[0] as Page), { timeout: 20_000 })
    .toMatch(/"signaling","state":"connecting"/)
  server = await startSignaling({
    port,
    tokens: { secret: `${SECRET}, changed` },
    journal: (...line) => lines.push(JSON.stringify(line)),
  })
  await expect.poll(() => lines.join(), { timeout: 20_000 }).toContain('tokenRefused')
  for (const tab of tabs) {
    const told = await tab.evaluate(() => window.tokenRig.told())
    expect(told.length).toBeGreaterThan(1000)
    for (const token of tokens) expectSecret(told, token)
  }
  for (const token of tokens) expectSecret(lines.join(), token)
})

test('an address that cannot be used is refused without repeating it', async ({ browser }) => {
  const token = await tokenFor('visit')
  for (const url of [
    `https://127.0.0.1/?token=${token}`,
    `wss://[/?token=${token}`,
    `ws://127.0.0.1:1/? token=${token}`,
  ]) {
    const tab = await open(browser)
    await start(tab, 'visit', 'ana', url)
    await expect.poll(() => tab.evaluate(() => window.tokenRig.told())).toContain('invalid-options')
    expectSecret(await tab.evaluate(() => window.tokenRig.told()), token)
  }
})
