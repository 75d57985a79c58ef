/**
 * Failover scenarios for providers with a server that can be killed or hung, judged as in common-scenarios.ts.
 */
import { expect, test } from '@playwright/test'
import { MESH, measured, type Rig, spreadOf, tabsOf } from './failover-rig.js'
import {
  agreedOn,
  framesOf,
  impair,
  longestGap,
  mediaFlows,
  nothingBroke,
  snapshotOf,
  startTab,
  type Tab,
} from './tabs.js'

/** What was promised at the longest, for every stream of every tab, also where nothing but silence tells (P27). */
const PROMISED_MS = 3000

/** Defines the tests. */
export function serverScenarios(rig: () => Rig): void {
  const names = ['ana', 'bob', 'cleo'] as const

  for (const failure of ['kill', 'hang'] as const)
    test(`P02 P04 P16 P27 the provider is ${failure === 'kill' ? 'killed' : 'hung'} in mid-call: everybody moves together and media goes on`, async ({
      browser,
    }) => {
      const call = tabsOf(rig(), browser)
      const tabs = await call.join(names)
      const [ana] = tabs as [Tab, Tab, Tab]
      await agreedOn(tabs, rig().first.id)
      await mediaFlows(tabs)
      const at = await ana.page.evaluate(() => window.rig.now())
      await rig()[failure](rig().first.id)
      const after = await agreedOn(tabs, rig().second.id)
      await mediaFlows(tabs)
      const gaps = await Promise.all(
        tabs.flatMap((tab) =>
          tabs.filter((one) => one !== tab).map((one) => longestGap(tab, one.id, at - 500)),
        ),
      )
      const spread = await spreadOf(tabs, rig().second.id)
      measured(
        `${rig().kind} ${failure}: longest gaps ${gaps.map(Math.round).join(' ')} ms, agreed within ${Math.round(spread)} ms of each other`,
      )
      expect(Math.max(...gaps)).toBeLessThan(PROMISED_MS)
      for (const one of after) {
        expect(one.agreement.status).toBe('committed')
        expect(one.recovery.last, JSON.stringify([one.recovery.last, one.timeline.slice(-8)])).toMatchObject({
          from: rig().first.id,
          to: rig().second.id,
          incident: 'provider-outage',
        })
      }
      await nothingBroke(tabs)
      await call.close()
    })

  test('P04 P08 P41 a planned switch moves everybody without a visible gap and says who asked and why', async ({
    browser,
  }) => {
    const call = tabsOf(rig(), browser)
    const tabs = await call.join(names)
    const [ana, bob] = tabs as [Tab, Tab, Tab]
    await agreedOn(tabs, rig().first.id)
    await mediaFlows(tabs)
    const at = await ana.page.evaluate(() => window.rig.now())
    await bob.page.evaluate((id) => window.rig.call.switchTo(id, { reason: 'closer server' }), rig().second.id)
    const after = await agreedOn(tabs, rig().second.id)
    await mediaFlows(tabs)
    await expect.poll(async () => (await snapshotOf(ana)).recovery.last?.outcome).toBe('succeeded')
    expect((await snapshotOf(ana)).recovery.last).toMatchObject({ initiator: 'bob', reason: 'closer server' })
    const gap = await longestGap(ana, 'cleo', at)
    measured(`${rig().kind} planned switch: longest gap ${Math.round(gap)} ms`)
    expect(gap).toBeLessThan(1000)
    expect(after[0]?.agreement.decided.at(-1)?.provider).toBe(rig().second.id)
    for (const tab of tabs)
      for (const [peer, log] of Object.entries(await framesOf(tab)))
        expect(
          log.blackTimes.filter((time) => time >= at).map((time) => Math.round(time - at)),
          `black frames of ${peer} at ${tab.id}, ms after the wish`,
        ).toEqual([])
    await nothingBroke(tabs)
    await call.close()
  })

  test('P03 both servers die: the call goes on as a mesh', async ({ browser }) => {
    const call = tabsOf(rig(), browser)
    const tabs = await call.join(names, { providers: [rig().first, rig().second, MESH] })
    await agreedOn(tabs, rig().first.id)
    await mediaFlows(tabs)
    await Promise.all([rig().kill(rig().first.id), rig().kill(rig().second.id)])
    await agreedOn(tabs, 'mesh', 30_000)
    await mediaFlows(tabs)
    await nothingBroke(tabs)
    await call.close()
  })

  test('P16 a late joiner during a switch lands where everybody goes', async ({ browser }) => {
    const call = tabsOf(rig(), browser)
    const tabs = await call.join(names)
    const [ana] = tabs as [Tab, Tab, Tab]
    await agreedOn(tabs, rig().first.id)
    const late = await call.open('dan')
    await Promise.all([
      ana.page.evaluate((id) => window.rig.call.switchTo(id, { reason: 'test' }), rig().second.id),
      startTab(late),
    ])
    await agreedOn([...tabs, late], rig().second.id)
    await mediaFlows([...tabs, late])
    await nothingBroke([...tabs, late])
    await call.close()
  })

  test('the new provider dies during warm-up: nobody is stranded', async ({ browser }) => {
    const call = tabsOf(rig(), browser)
    const tabs = await call.join(names, { providers: [rig().first, rig().second, MESH], standby: 'cold' })
    const [ana] = tabs as [Tab, Tab, Tab]
    await agreedOn(tabs, rig().first.id)
    await mediaFlows(tabs)
    await rig().hang(rig().second.id)
    const outcome = ana.page.evaluate(
      (id) =>
        window.rig.call.switchTo(id, { reason: 'test' }).then(
          () => 'done',
          (error) => error.code,
        ),
      rig().second.id,
    )
    await rig().kill(rig().second.id)
    expect(await outcome).toBe('switch-failed')
    const [agreed] = await agreedOn(tabs, null)
    expect(agreed?.provider).not.toBe(rig().second.id)
    await mediaFlows(tabs)
    await nothingBroke(tabs)
    await call.close()
  })

  test("one participant's media is black-holed: only that participant repairs, nobody else moves", async ({
    browser,
  }) => {
    test.setTimeout(90_000)
    const call = tabsOf(rig(), browser)
    const ana = await call.open('ana', {}, { isArmed: true })
    const bob = await call.open('bob')
    const cleo = await call.open('cleo')
    const tabs = [ana, bob, cleo]
    await Promise.all(tabs.map(startTab))
    const [before] = await agreedOn(tabs, rig().first.id)
    await mediaFlows(tabs)
    await impair(ana, { packetLoss: 100 })
    await expect.poll(async () => (await snapshotOf(ana)).state, { timeout: 10_000 }).toBe('repairing')
    await mediaFlows([bob, cleo])
    await impair(ana, {})
    await mediaFlows(tabs, 20_000)
    const after = await agreedOn(tabs, rig().first.id)
    expect(after[0]?.agreement.epoch).toBeGreaterThanOrEqual(before?.agreement.epoch ?? 0)
    for (const tab of [bob, cleo]) {
      const moments = await tab.page.evaluate(() => window.rig.moments())
      expect(moments.filter((one) => one.name === 'switch-started')).toEqual([])
    }
    expect((await snapshotOf(ana)).recovery.last).toMatchObject({ incident: 'path-broken', to: rig().first.id })
    await nothingBroke(tabs)
    await call.close()
  })

  test('P41 muted before is muted after, every time', async ({ browser }) => {
    const call = tabsOf(rig(), browser)
    const tabs = await call.join(names)
    const [ana, bob] = tabs as [Tab, Tab, Tab]
    await agreedOn(tabs, rig().first.id)
    await ana.page.evaluate(() => window.rig.call.setMuted('microphone', true))
    for (const to of [rig().second.id, rig().first.id, rig().second.id]) {
      await bob.page.evaluate((id) => window.rig.call.switchTo(id, { reason: 'test' }), to)
      await agreedOn(tabs, to)
      expect((await snapshotOf(ana)).me.muted).toEqual(['microphone'])
      await expect
        .poll(async () => (await snapshotOf(bob)).peers.find((peer) => peer.id === 'ana')?.muted)
        .toEqual(['microphone'])
    }
    await rig().kill(rig().second.id)
    await agreedOn(tabs, rig().first.id)
    expect((await snapshotOf(ana)).me.muted).toEqual(['microphone'])
    await nothingBroke(tabs)
    await call.close()
  })

  test('who leaves during a switch stays left', async ({ browser }) => {
    const call = tabsOf(rig(), browser)
    const tabs = await call.join(names)
    const [ana, bob, cleo] = tabs as [Tab, Tab, Tab]
    await agreedOn(tabs, rig().first.id)
    await mediaFlows(tabs)
    await Promise.all([
      bob.page.evaluate((id) => window.rig.call.switchTo(id, { reason: 'test' }), rig().second.id),
      cleo.page.evaluate(() => window.rig.call.leave()),
    ])
    await agreedOn([ana, bob], rig().second.id)
    await mediaFlows([ana, bob])
    await rig().kill(rig().second.id)
    await agreedOn([ana, bob], rig().first.id)
    const left = await snapshotOf(cleo)
    expect(left.state).toBe('left')
    expect(left.connections).toEqual([])
    expect((await snapshotOf(ana)).peers.map((peer) => peer.id)).toEqual(['bob'])
    await nothingBroke(tabs)
    await call.close()
  })
}
