/**
 * What the failover scenarios share: the rig of one kind of provider, the tabs of one call, and figures.
 */
import { type Browser, test } from '@playwright/test'
import type { ProviderSpec, TabSpec } from './call-page.js'
import type { PageServer } from './page-server.js'
import { closeTabs, openTab, startTab, type Tab } from './tabs.js'

/** Two providers `first` and `second` that can fail one by one, and a way to reach each other. */
export interface Rig {
  readonly kind: 'whip' | 'janus' | 'mesh'
  readonly first: ProviderSpec
  readonly second: ProviderSpec
  readonly signaling: readonly string[]
  readonly pages: PageServer
  kill(id: string): Promise<void>
  hang(id: string): Promise<void>
  /** Brings both back to work; called before each test. */
  heal(): Promise<void>
  /** Moves `first` and `second` to a room nobody used yet; called for each call. */
  freshRoom(): void
}

/** The provider that needs no server. */
export const MESH: ProviderSpec = { kind: 'mesh', id: 'mesh' }
let rooms = 0

/** Gives tabs of one fresh room; closes them after the test. */
export function tabsOf(rig: Rig, browser: Browser) {
  rooms += 1
  rig.freshRoom()
  const room = `room-${process.pid}-${rooms}`
  const opened: Tab[] = []
  return {
    room,
    all: opened,
    async open(
      id: string,
      change: Partial<TabSpec> = {},
      options: { readonly isArmed?: boolean } = {},
    ): Promise<Tab> {
      const tab = await openTab(
        browser,
        rig.pages,
        {
          room,
          me: { id },
          providers: [rig.first, rig.second],
          signaling: rig.signaling,
          ...change,
        },
        options,
      )
      opened.push(tab)
      return tab
    },
    /** Opens and joins several, one after the other loaded, all joined together. */
    async join(ids: readonly string[], change: Partial<TabSpec> = {}): Promise<readonly Tab[]> {
      const tabs = await Promise.all(ids.map((id) => this.open(id, change)))
      await Promise.all(tabs.map(startTab))
      return tabs
    },
    close: () => closeTabs(opened),
  }
}

/** Puts a figure into the report. */
export function measured(description: string): void {
  test.info().annotations.push({ type: 'measured', description })
}

/** Spread of a moment over tabs: latest minus earliest, milliseconds. */
export async function spreadOf(tabs: readonly Tab[], provider: string): Promise<number> {
  const times: number[] = []
  for (const tab of tabs) {
    const moments = await tab.page.evaluate(() => window.rig.moments())
    const agreed = moments.findLast(
      (moment) =>
        moment.name === 'provider-agreed' &&
        (moment.detail as { provider: string | null }).provider === provider,
    )
    if (agreed) times.push(agreed.atMs)
  }
  return Math.max(...times) - Math.min(...times)
}
