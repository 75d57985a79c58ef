import { expect, test } from '@playwright/test'
import { type SignalingServer, startSignaling } from '../../src/server/signaling.js'
import { measured, type Rig, tabsOf } from '../support/failover-rig.js'
import { type PageServer, servePages } from '../support/page-server.js'
import { agreedOn, mediaFlows, nothingBroke, snapshotOf, type Tab } from '../support/tabs.js'

let pages: PageServer
let signaling: SignalingServer
let rig: Rig

test.beforeAll(async () => {
  pages = await servePages()
  signaling = await startSignaling({ port: 0 })
  rig = {
    kind: 'mesh',
    first: { kind: 'mesh', id: 'mesh-a' },
    second: { kind: 'mesh', id: 'mesh-b' },
    signaling: [signaling.url],
    pages,
    kill: () => Promise.reject(new Error('a mesh has no server')),
    hang: () => Promise.reject(new Error('a mesh has no server')),
    async heal() {},
    freshRoom() {},
  }
})
test.afterAll(async () => {
  await signaling?.close()
  await pages?.close()
})

const stateOf = async (tab: Tab, peer: string): Promise<string | undefined> =>
  (await snapshotOf(tab)).peers.find(({ id }) => id === peer)?.state

const toldOf = (tab: Tab, peer: string): Promise<readonly { name: string; atMs: number }[]> =>
  tab.page.evaluate(
    (who) =>
      window.rig
        .moments()
        .filter(({ name, detail }) => name.startsWith('peer-') && (detail as { peer?: string }).peer === who)
        .map(({ name, atMs }) => ({ name, atMs })),
    peer,
  )

test('P05 P11 P14 a crashed tab is suspect within 2 s and away within 4 s, and the other is neither', async ({
  browser,
}) => {
  const call = tabsOf(rig, browser)
  const [ana, bob, cleo] = (await call.join(['ana', 'bob', 'cleo'])) as [Tab, Tab, Tab]
  await agreedOn([ana, bob, cleo], null)
  await mediaFlows([ana, bob, cleo])
  const crashed = cleo.page.waitForEvent('crash')
  const startedAtMs = Date.now()
  void cleo.cdp.send('Page.crash').catch(() => undefined)
  await crashed
  await expect.poll(() => stateOf(ana, 'cleo'), { timeout: 8_000, intervals: [50] }).toBe('away')
  const told = await toldOf(ana, 'cleo')
  const after = (name: string): number =>
    (told.findLast((one) => one.name === name)?.atMs ?? Number.NaN) - startedAtMs
  measured(`suspect after ${after('peer-suspect')} ms, away after ${after('peer-stale')} ms`)
  expect(after('peer-suspect')).toBeLessThan(2_500)
  expect(after('peer-stale')).toBeLessThan(5_000)
  expect(await stateOf(ana, 'bob')).toBe('live')
  await nothingBroke([ana, bob])
  await call.close()
})

test('P14 a frozen tab is away at once, not gone, and the same participant when it thaws', async ({
  browser,
}) => {
  const call = tabsOf(rig, browser)
  const [ana, bob] = (await call.join(['ana', 'bob'])) as [Tab, Tab]
  await agreedOn([ana, bob], null)
  await mediaFlows([ana, bob])
  // Chromium freezes no visible page, headless ones are always visible: the event is all that can be had of it.
  await bob.page.evaluate(() => document.dispatchEvent(new Event('freeze')))
  await expect.poll(() => stateOf(ana, 'bob'), { timeout: 3_000, intervals: [50] }).toBe('away')
  await bob.page.evaluate(() => document.dispatchEvent(new Event('resume')))
  await expect.poll(() => stateOf(ana, 'bob'), { timeout: 6_000, intervals: [50] }).toBe('live')
  const names = (await toldOf(ana, 'bob')).map(({ name }) => name)
  expect(names.filter((name) => name === 'peer-joined').length).toBe(1)
  expect(names).not.toContain('peer-left')
  await agreedOn([ana, bob], null)
  await mediaFlows([ana, bob])
  await nothingBroke([ana, bob])
  await call.close()
})

test('P24 a page that was offline is back on its links as soon as the network returns', async ({ browser }) => {
  const call = tabsOf(rig, browser)
  const [ana, bob] = (await call.join(['ana', 'bob'])) as [Tab, Tab]
  await agreedOn([ana, bob], null)
  await mediaFlows([ana, bob])
  const linkOf = async (): Promise<string | undefined> =>
    (await snapshotOf(ana)).links.find(({ kind }) => kind === 'signaling')?.state
  const { port } = new URL(signaling.url)
  await signaling.close()
  await expect.poll(linkOf, { timeout: 8_000, intervals: [50] }).toBe('connecting')
  // Offline it cannot be dialled, though it is there again.
  await ana.context.setOffline(true)
  signaling = await startSignaling({ port: Number(port) })
  await expect
    .poll(async () => (await snapshotOf(bob)).links.find(({ kind }) => kind === 'signaling')?.state)
    .toBe('connected')
  expect(await linkOf()).toBe('connecting')
  await ana.context.setOffline(false)
  const onlineAtMs = Date.now()
  await expect.poll(linkOf, { timeout: 5_000, intervals: [20] }).toBe('connected')
  const tookMs = Date.now() - onlineAtMs
  measured(`signaling again ${tookMs} ms after the network came back`)
  expect(tookMs).toBeLessThan(2_000)
  await agreedOn([ana, bob], null)
  await mediaFlows([ana, bob])
  await nothingBroke([ana, bob])
  await call.close()
})
