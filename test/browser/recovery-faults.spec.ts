/**
 * Faults in a running call on the development servers: what is broken for real in one page is recovered by frames
 * or told, and nobody else is moved. The suite `recovery` does the same for every type and provider, many times.
 */
import { expect, test } from '@playwright/test'
import type { DevServers } from '../../src/server/dev.js'
import type { FaultKind } from '../../src/testing/faults.js'
import { startTestDev } from '../support/dev.js'
import { type Rig, tabsOf } from '../support/failover-rig.js'
import { type PageServer, servePages } from '../support/page-server.js'
import { agreedOn, mediaFlows, snapshotOf, type Tab } from '../support/tabs.js'

let pages: PageServer
let dev: DevServers
let rig: Rig

test.beforeAll(async () => {
  pages = await servePages()
  dev = await startTestDev()
  const urlOf = (id: string): string => dev.sfus.find((sfu) => sfu.name === id)?.url ?? ''
  rig = {
    kind: 'whip',
    first: { kind: 'whip', id: 'east', url: urlOf('east') },
    second: { kind: 'whip', id: 'west', url: urlOf('west') },
    signaling: [dev.signalingUrl],
    pages,
    kill: (id) => dev.kill(id),
    hang: (id) => dev.hang(id),
    async heal() {},
    freshRoom() {},
  }
})
test.afterAll(async () => {
  await dev?.close()
  await pages?.close()
})

type Details = Parameters<Window['rig']['faults']['inject']>[1]

/** Causes a fault in a page; there has to be something that it can break. */
async function breakIn({ page }: Tab, kind: FaultKind, details: Details): Promise<void> {
  const isCaused = await page.evaluate(
    ([what, how]) => window.rig.faults.inject(what, how).then((fault) => fault !== null),
    [kind, details] as const,
  )
  expect(isCaused).toBe(true)
}

/** A call of two that can be broken, with media both ways; ana's microphone is muted. */
async function callOfTwo(call: ReturnType<typeof tabsOf>): Promise<readonly [Tab, Tab]> {
  const [ana, bob] = [
    await call.open('ana', { faultSeed: 1, muted: ['microphone'] }),
    await call.open('bob', { faultSeed: 2 }),
  ]
  await Promise.all([ana, bob].map(({ page, spec }) => page.evaluate((one) => window.rig.start(one), spec)))
  await agreedOn([ana, bob], 'east')
  await mediaFlows([ana, bob])
  return [ana, bob]
}

/** Nobody was moved and nobody was unmuted. */
async function nothingElseMoved(tabs: readonly Tab[]): Promise<void> {
  const snapshots = await agreedOn(tabs, 'east')
  expect(snapshots[0]?.me.muted).toEqual(['microphone'])
  expect(snapshots.every(({ timeline }) => timeline.every(({ kind }) => kind !== 'switch'))).toBe(true)
}

/** Alerts by their kinds, and moments by their names, that a page has told so far. */
const toldBy = (tab: Tab): Promise<readonly string[]> =>
  tab.page.evaluate(() =>
    window.rig
      .moments()
      .map(({ name, detail }) => (name === 'alert-raised' ? (detail as { kind: string }).kind : name)),
  )

test('P67 P57 P41 a receiver whose frames are damaged for good is replaced, and nobody else is moved', async ({
  browser,
}) => {
  const call = tabsOf(rig, browser)
  const [ana, bob] = await callOfTwo(call)
  await breakIn(ana, 'codec-failure', { peer: 'bob', lastsMs: null })
  const damage = /decoder-stall|frame-corruption|freeze/
  await expect.poll(async () => (await toldBy(ana)).join(), { timeout: 10_000 }).toMatch(damage)
  await mediaFlows([ana, bob])
  await nothingElseMoved([ana, bob])
  await call.close()
})

test('P67 P54 a camera that is pulled out is told to its owner, moves nobody, and is back when it is there', async ({
  browser,
}) => {
  const call = tabsOf(rig, browser)
  const [ana, bob] = await callOfTwo(call)
  await breakIn(ana, 'device-failure', { media: 'video', lastsMs: null })
  await expect.poll(() => toldBy(ana), { timeout: 10_000 }).toContain('dead-device')
  const told = (await snapshotOf(ana)).health.alerts.find(({ kind }) => kind === 'dead-device')
  expect(told?.blame.culprit).toBe('my-device')
  await ana.page.evaluate(() => window.rig.replug('camera'))
  await mediaFlows([ana, bob])
  await nothingElseMoved([ana, bob])
  await call.close()
})

test('P67 P54 a camera that is plugged in again while its owner is asked for it is had again by itself', async ({
  browser,
}) => {
  const call = tabsOf(rig, browser)
  const [ana, bob] = await callOfTwo(call)
  await breakIn(ana, 'device-failure', { media: 'video', lastsMs: null })
  const asked = async (): Promise<readonly (string | null)[]> =>
    (await snapshotOf(ana)).recovery.active.map(({ strategy }) => strategy)
  await expect.poll(asked, { timeout: 15_000 }).toContain('ask-user')
  await ana.page.evaluate(async () => {
    window.rig.setSpare(true)
    const { mediaDevices } = navigator
    const before = await mediaDevices.enumerateDevices()
    const plugged = { kind: 'videoinput', deviceId: 'plugged', label: '', groupId: '' } as MediaDeviceInfo
    mediaDevices.enumerateDevices = async () => [...before, plugged]
    mediaDevices.dispatchEvent(new Event('devicechange'))
  })
  await mediaFlows([ana, bob])
  await nothingElseMoved([ana, bob])
  await call.close()
})

test('P67 P54 a token that ran out costs one reconnect with a new one, and is no fault of the provider', async ({
  browser,
}) => {
  const call = tabsOf(rig, browser)
  const [ana, bob] = await callOfTwo(call)
  await breakIn(ana, 'auth-failure', { provider: 'east', lastsMs: null })
  await mediaFlows([ana, bob])
  await nothingElseMoved([ana, bob])
  expect((await snapshotOf(bob)).providers.find(({ id }) => id === 'east')?.sight).toBe('ok')
  await call.close()
})

test('P67 P54 P68 media goes on while the document reaches nobody, and everybody is there again afterwards', async ({
  browser,
}) => {
  const call = tabsOf(rig, browser)
  const [ana, bob] = await callOfTwo(call)
  // Media shows that she lives, so nobody takes her for away; the direct ways of the document are given up.
  const direct = async (): Promise<readonly string[]> =>
    (await snapshotOf(ana)).links.flatMap(({ kind, peers }) => (kind === 'webrtc' ? peers : []))
  await expect.poll(direct, { timeout: 10_000 }).toEqual(['bob'])
  await breakIn(ana, 'control-plane-loss', { lastsMs: null })
  await expect.poll(direct, { timeout: 15_000 }).toEqual([])
  await mediaFlows([ana, bob])
  await ana.page.evaluate(() => window.rig.faults.heal())
  await expect.poll(direct, { timeout: 15_000 }).toEqual(['bob'])
  await nothingElseMoved([ana, bob])
  await call.close()
})

/** Three seconds of a picture. */
const SETTLED_FRAMES = 45

test('P67 P10 who was received anew and sends nothing stays told, and no longer than that', async ({
  browser,
}) => {
  const call = tabsOf(rig, browser)
  const [ana, bob] = await callOfTwo(call)
  for (const { page } of [ana, bob]) await page.evaluate(() => window.rig.call.recovery.setAutomatic(false))
  // What died in its first moments cannot be told from what never began.
  const seen = (): Promise<number> => ana.page.evaluate(() => window.rig.frames().bob?.times.length ?? 0)
  await expect.poll(seen, { timeout: 10_000 }).toBeGreaterThan(SETTLED_FRAMES)
  await breakIn(bob, 'timeout', { lastsMs: null })
  await ana.page.evaluate(() => window.rig.call.recovery.trigger({ strategy: 'rebuild-receive', peer: 'bob' }))
  // A browser has no figures of a receiver that never got a packet.
  const toldOfBob = async (): Promise<readonly string[]> =>
    (await snapshotOf(ana)).health.alerts.flatMap(({ kind, about, severity }) =>
      about.id === 'bob' && severity === 'high' ? [kind] : [],
    )
  await expect.poll(toldOfBob, { timeout: 10_000 }).toEqual(['one-way-media'])
  await bob.page.evaluate(() => window.rig.faults.heal())
  await mediaFlows([ana, bob])
  await expect.poll(toldOfBob, { timeout: 10_000 }).toEqual([])
  await nothingElseMoved([ana, bob])
  await call.close()
})
