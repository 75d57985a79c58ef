/**
 * Failover scenarios that every kind of provider must pass, mesh too. Each test opens tabs in contexts of
 * their own, breaks something for real and asks for the same three things: one record everywhere, media in
 * every direction, nothing thrown.
 */
import { expect, test } from '@playwright/test'
import type { ProviderSpec } from './call-page.js'
import { MESH, type Rig, tabsOf } from './failover-rig.js'
import { agreedOn, mediaFlows, nothingBroke, reloadTab, snapshotOf, startTab, type Tab } from './tabs.js'

/** Defines the tests. */
export function commonScenarios(rig: () => Rig): void {
  test('P01 P16 four start at once with differently ordered lists: one provider, one record', async ({
    browser,
  }) => {
    test.setTimeout(300_000)
    const ids = ['ana', 'bob', 'cleo', 'dan']
    const first = tabsOf(rig(), browser)
    const contexts = await Promise.all(ids.map((id) => first.open(id)))
    for (let round = 0; round < 20; round += 1) {
      // The same tabs in a room of its own each round: a reload is a fresh page with fresh keys.
      const { room } = tabsOf(rig(), browser)
      const lists = [
        [rig().first, rig().second],
        [rig().second, rig().first],
      ]
      const tabs = contexts.map((tab, index) => ({
        ...tab,
        spec: { ...tab.spec, room, providers: lists[index % 2] ?? [] },
      }))
      if (round > 0) await Promise.all(tabs.map(reloadTab))
      await Promise.all(tabs.map(startTab))
      const snapshots = await agreedOn(tabs, null)
      expect(snapshots.every((one) => one.peers.length === ids.length - 1)).toBe(true)
      if (round === 0) await mediaFlows(tabs)
      await nothingBroke(tabs)
    }
    await first.close()
  })

  test('P25 a refresh in mid-call comes back as the same participant on the same provider', async ({
    browser,
  }) => {
    const call = tabsOf(rig(), browser)
    const [ana, bob, cleo] = (await call.join(['ana', 'bob', 'cleo'])) as [Tab, Tab, Tab]
    const [before] = await agreedOn([ana, bob, cleo], null)
    await mediaFlows([ana, bob, cleo])
    await reloadTab(ana)
    await startTab(ana)
    const after = await agreedOn([ana, bob, cleo], before?.provider ?? null)
    expect(after.map((one) => one.peers.length)).toEqual([2, 2, 2])
    await mediaFlows([ana, bob, cleo])
    await nothingBroke([ana, bob, cleo])
    await call.close()
  })

  test('P25 a refresh in mid-switch ends with everybody on one provider', async ({ browser }) => {
    const call = tabsOf(rig(), browser)
    const [ana, bob, cleo] = (await call.join(['ana', 'bob', 'cleo'])) as [Tab, Tab, Tab]
    await agreedOn([ana, bob, cleo], null)
    await mediaFlows([ana, bob, cleo])
    await Promise.all([
      bob.page.evaluate(
        (id) => window.rig.call.switchTo(id, { reason: 'test' }).catch(() => undefined),
        rig().second.id,
      ),
      ana.page.reload(),
    ])
    await ana.page.waitForFunction(() => window.rig !== undefined)
    await startTab(ana)
    await agreedOn([ana, bob, cleo], null)
    await mediaFlows([ana, bob, cleo])
    await nothingBroke([bob, cleo])
    await call.close()
  })

  test('P07 P11 P16 a clean leave, a closed tab and a crashed tab are gone for the others, whose media goes on', async ({
    browser,
  }) => {
    test.setTimeout(120_000)
    const call = tabsOf(rig(), browser)
    const tabs = await call.join(['ana', 'bob', 'cleo', 'dan', 'eve'])
    const [ana, bob, cleo, dan, eve] = tabs as [Tab, Tab, Tab, Tab, Tab]
    await agreedOn(tabs, null)
    await mediaFlows(tabs, 20_000)
    await ana.page.evaluate(() => window.rig.call.leave())
    expect((await snapshotOf(ana)).state).toBe('left')
    await expect
      // Shorter than the ten seconds after which silence alone means gone: it was the goodbye that was heard.
      .poll(async () => (await snapshotOf(dan)).peers.map((peer) => peer.id), { timeout: 8000 })
      .not.toContain('ana')
    // One after the other: two of four who vanish at once may take the majority with them, and that is another story.
    const committee = async (): Promise<string[]> => [...(await snapshotOf(dan)).agreement.committee].sort()
    await expect.poll(committee, { timeout: 20_000 }).toEqual(['bob', 'cleo', 'dan', 'eve'])
    await bob.page.close({ runBeforeUnload: false })
    await expect.poll(committee, { timeout: 20_000 }).toEqual(['cleo', 'dan', 'eve'])
    // A crashed page never answers the command that crashed it.
    const crashed = cleo.page.waitForEvent('crash')
    void cleo.cdp.send('Page.crash').catch(() => undefined)
    await crashed
    for (const rest of [dan, eve])
      await expect
        .poll(async () => (await snapshotOf(rest)).peers.map((peer) => peer.id), { timeout: 20_000 })
        .toHaveLength(1)
    await expect.poll(committee, { timeout: 20_000 }).toEqual(['dan', 'eve'])
    await agreedOn([dan, eve], null)
    await expect
      .poll(async () => (await snapshotOf(dan)).agreement.status, { timeout: 20_000 })
      .toBe('committed')
    await mediaFlows([dan, eve])
    await nothingBroke([dan, eve])
    await call.close()
  })

  test('two want different providers in the same moment: one is agreed and it stays', async ({ browser }) => {
    const call = tabsOf(rig(), browser)
    const third: ProviderSpec = rig().kind === 'mesh' ? { kind: 'mesh', id: 'mesh-c' } : MESH
    const providers = [rig().first, rig().second, third]
    const tabs = await call.join(['ana', 'bob', 'cleo'], { providers })
    const [ana, bob] = tabs as [Tab, Tab, Tab]
    await agreedOn(tabs, rig().first.id)
    await mediaFlows(tabs)
    const ask = (tab: Tab, id: string): Promise<string> =>
      tab.page.evaluate(
        (to) =>
          window.rig.call.switchTo(to, { reason: 'test' }).then(
            () => 'done',
            (error) => error.code,
          ),
        id,
      )
    const outcomes = await Promise.all([ask(ana, rig().second.id), ask(bob, third.id)])
    const [agreed] = await agreedOn(tabs, null)
    expect([...outcomes].sort()).toEqual(['done', 'switch-superseded'])
    expect([rig().second.id, third.id]).toContain(agreed?.provider)
    await mediaFlows(tabs)
    const [later] = await agreedOn(tabs, null)
    expect(later?.provider).toBe(agreed?.provider)
    await nothingBroke(tabs)
    await call.close()
  })
}
