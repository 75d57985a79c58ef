/**
 * Tabs of a call under test: each in a browser context of its own, so that they only meet over WebRTC and
 * signaling, never over a BroadcastChannel.
 */
import { type Browser, type BrowserContext, type CDPSession, expect, type Page } from '@playwright/test'
import type { TabSpec } from './call-page.js'
import type { PageServer } from './page-server.js'

/** One participant's tab. */
export interface Tab {
  readonly id: string
  readonly page: Page
  readonly context: BrowserContext
  readonly cdp: CDPSession
  readonly spec: TabSpec
  /** What the page reported as error or unhandled rejection. */
  readonly problems: string[]
}

/** The snapshot as it crosses to the test. */
export type TabSnapshot = Awaited<ReturnType<typeof snapshotOf>>

/** The entry every tab loads. */
const ENTRY = 'test/support/call-page.ts'

/** Opens a tab; with `isArmed` its network can be impaired later (only sockets made afterwards obey CDP). */
export async function openTab(
  browser: Browser,
  pages: PageServer,
  spec: TabSpec,
  options: { readonly isArmed?: boolean } = {},
): Promise<Tab> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(`${error.name}: ${error.message}\n${error.stack}`))
  const tab: Tab = { id: spec.me.id, page, context, cdp, spec, problems }
  if (options.isArmed) {
    await cdp.send('Network.enable')
    await impair(tab, {})
  }
  await page.goto(pages.page(ENTRY))
  await page.waitForFunction(() => window.rig !== undefined)
  return tab
}

/** Changes the network of an armed tab; nothing given means the resting state. */
export async function impair(
  tab: Tab,
  change: { readonly packetLoss?: number; readonly offline?: boolean },
): Promise<void> {
  const conditions = {
    offline: false,
    // 1 ms is the armed resting state: with 0 the emulation is off and later changes are ignored.
    latency: 1,
    downloadThroughput: -1,
    uploadThroughput: -1,
    ...change,
  }
  await tab.cdp.send('Network.emulateNetworkConditions', conditions)
}

/** The tab after a refresh, not yet joined. */
export async function reloadTab(tab: Tab): Promise<void> {
  await tab.page.reload()
  await tab.page.waitForFunction(() => window.rig !== undefined)
}

/** Joins. */
export const startTab = (tab: Tab): Promise<void> =>
  tab.page.evaluate((spec) => window.rig.start(spec), tab.spec)

/** The tab's snapshot without streams. */
export function snapshotOf(tab: Tab): Promise<ReturnType<Window['rig']['snapshot']>> {
  return tab.page.evaluate(() => window.rig.snapshot())
}

/** Frame times by peer, milliseconds since 1970. */
export function framesOf(tab: Tab): Promise<ReturnType<Window['rig']['frames']>> {
  return tab.page.evaluate(() => window.rig.frames())
}

/** Waits until every tab holds the same record with this provider and is live; returns the snapshots. */
export async function agreedOn(
  tabs: readonly Tab[],
  provider: string | null,
  timeoutMs = 15_000,
): Promise<readonly TabSnapshot[]> {
  let last: readonly TabSnapshot[] = []
  await expect
    .poll(
      async () => {
        last = await Promise.all(tabs.map(snapshotOf))
        const keys = new Set(
          last.map(({ agreement, provider: shown }) => `${agreement.lineage}/${agreement.epoch}/${shown}`),
        )
        const isRight = last.every(
          (one) =>
            one.state === 'live' && one.provider !== null && (provider === null || one.provider === provider),
        )
        return keys.size === 1 && isRight ? 'agreed' : describeTabs(tabs, last)
      },
      { timeout: timeoutMs, intervals: [100] },
    )
    .toBe('agreed')
  return last
}

/** Waits until every tab gets new frames from every other one; fails with the story of each tab that does not. */
export async function mediaFlows(tabs: readonly Tab[], timeoutMs = 15_000): Promise<void> {
  const before = await Promise.all(tabs.map(countFrames))
  let blind: readonly Tab[] = []
  try {
    await expect
      .poll(
        async () => {
          const after = await Promise.all(tabs.map(countFrames))
          const missing = tabs.flatMap((tab, index) =>
            tabs
              .filter((other) => other !== tab)
              .map(({ id }) => ({ tab, id, grown: (after[index]?.[id] ?? 0) - (before[index]?.[id] ?? 0) }))
              .filter(({ grown }) => grown < 5),
          )
          blind = [...new Set(missing.map(({ tab }) => tab))]
          return missing.map(({ tab, id, grown }) => `${tab.id} sees ${grown} new frames of ${id}`).join('; ')
        },
        { timeout: timeoutMs, intervals: [150] },
      )
      .toBe('')
  } catch (error) {
    throw new Error(`${error}${(await Promise.all(blind.map(storyOf))).join('')}`, { cause: error })
  }
}

/** What a tab lived through lately, and the state of what it shows. */
async function storyOf(tab: Tab): Promise<string> {
  const { timeline, peers, connections, provider, state } = await snapshotOf(tab)
  const elements = await tab.page.evaluate(() =>
    [...document.querySelectorAll('video')].map(({ dataset, paused, ended, readyState, srcObject }) => {
      const tracks = srcObject instanceof MediaStream ? srcObject.getTracks() : []
      const shown = tracks.map((track) => `${track.kind} ${track.readyState}${track.muted ? ' muted' : ''}`)
      return `${dataset.peer}: ${shown.join(', ') || 'no track'}; paused ${paused}, ended ${ended}, ready ${readyState}`
    }),
  )
  const moments = await tab.page.evaluate(() =>
    window.rig
      .moments()
      .map(({ name, atMs, detail }) => `${Math.round(atMs)} ${name} ${JSON.stringify(detail)}`),
  )
  const pool = connections.map((one) => `${one.id} ${one.role} ${one.state}`)
  const seen = peers.map((peer) => `${peer.id} ${peer.state} on ${peer.provider}, publishes ${peer.publishing}`)
  const told = timeline.map(({ atMs, text }) => `${Math.round(atMs)} ${text}`)
  return [`\n${tab.id}: ${state} on ${provider}`, ...pool, ...seen, ...elements, ...told, ...moments].join(
    '\n  ',
  )
}

/** Longest gap between frames of a peer at or after a moment, in milliseconds. */
export async function longestGap(tab: Tab, peer: string, sinceMs: number): Promise<number> {
  const times = (await framesOf(tab))[peer]?.times ?? []
  const first = times.findLastIndex((at) => at <= sinceMs)
  let longest = 0
  for (let index = Math.max(1, first + 1); index < times.length; index += 1)
    longest = Math.max(longest, (times[index] ?? 0) - (times[index - 1] ?? 0))
  return longest
}

/** No tab may have thrown, and nobody's video element may have been touched after its first binding. */
export async function nothingBroke(tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs) {
    expect(tab.problems, `uncaught problems of ${tab.id}`).toEqual([])
    const bindings = await tab.page.evaluate(() => document.querySelectorAll('video').length)
    const frames = await framesOf(tab)
    expect(bindings).toBe(Object.keys(frames).length)
  }
}

/** Closes contexts; a crashed one is closed too. */
export async function closeTabs(tabs: readonly Tab[]): Promise<void> {
  await Promise.all(tabs.map((tab) => tab.context.close()))
}

function describeTabs(tabs: readonly Tab[], snapshots: readonly TabSnapshot[]): string {
  return snapshots
    .map(
      (one, index) =>
        `${tabs[index]?.id}: ${one.state} ${one.provider} ${one.agreement.lineage}/${one.agreement.epoch} ${one.agreement.status}`,
    )
    .join(' | ')
}

async function countFrames(tab: Tab): Promise<Record<string, number>> {
  const frames = await framesOf(tab)
  return Object.fromEntries(Object.entries(frames).map(([peer, log]) => [peer, log.times.length]))
}
