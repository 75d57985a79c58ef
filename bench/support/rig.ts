/** Browser, servers and tabs for a suite; everything is closed again by `close()`. */
import { type Browser, chromium, type Page } from 'playwright'
import type { DevServers } from '../../src/server/dev.js'
import type { ProviderSpec, TabSpec } from '../../test/support/call-page.js'
import { CHROMIUM_FLAGS, chromiumPath } from '../../test/support/chromium.js'
import { startTestDev } from '../../test/support/dev.js'
import { type PageServer, servePages } from '../../test/support/page-server.js'

const ENTRY = 'bench/support/failover-page.ts'
/** A condition that does not come true by then never will. */
const PATIENCE_MS = 20_000
const LOOK_EVERY_MS = 50

/** Who takes part; every pair of them is a sample. */
export const IDS = ['ana', 'bob', 'cleo'] as const
/** Enough rounds for a median that holds still; the suite stays near ten minutes. */
export const ROUNDS = 6
/** Quiet time before a failure, for the normal spacing of frames. */
export const CALM_MS = 3000

/** Takes a line for the person who waits. */
export type Progress = (line: string) => void
/** Frame times by peer, milliseconds since 1970. */
export type FrameTimes = Readonly<Record<string, readonly number[]>>

/** A running rig. */
export interface Rig {
  readonly browser: Browser
  readonly pages: PageServer
  readonly dev: DevServers
  readonly providers: readonly ProviderSpec[]
  /** Base addresses of both SFUs. */
  readonly bases: readonly [string, string]
  /** One page in a context of its own. */
  openPage(): Promise<Page>
  /** Brings both SFUs back. */
  heal(): Promise<void>
  close(): Promise<void>
}

/** Starts it. */
export async function startRig(): Promise<Rig> {
  const executablePath = chromiumPath()
  const [browser, pages, dev] = await Promise.all([
    chromium.launch({ ...(executablePath ? { executablePath } : {}), args: [...CHROMIUM_FLAGS] }),
    servePages(),
    startTestDev(),
  ])
  const [east, west] = dev.sfus
  if (east === undefined || west === undefined) throw new Error('two SFUs are needed')
  return {
    browser,
    pages,
    dev,
    providers: [
      { kind: 'whip', id: 'east', url: east.url },
      { kind: 'whip', id: 'west', url: west.url },
    ],
    bases: [east.url, west.url],
    async openPage() {
      const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
      const page = await context.newPage()
      await page.goto(pages.page(ENTRY))
      await page.waitForFunction(() => window.rig !== undefined && window.probes !== undefined)
      return page
    },
    async heal() {
      for (const sfu of dev.sfus) if (sfu.state !== 'running') await dev.restart(sfu.name)
    },
    async close() {
      await browser.close()
      await dev.close()
      await pages.close()
    },
  }
}

/** Waits for a condition, looked at every so often. */
export async function until(
  what: string,
  isTrue: () => Promise<boolean>,
  everyMs = LOOK_EVERY_MS,
): Promise<void> {
  const startedAt = performance.now()
  while (!(await isTrue())) {
    if (performance.now() - startedAt > PATIENCE_MS) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}

/** Something took longer than it may. */
export class Late extends Error {}

/** Rejects with {@link Late} when `work` takes longer; what it does goes on, because nothing can stop a page that does not answer. */
export async function within<Value>(what: string, limitMs: number, work: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late(`${what} took more than ${limitMs} ms`)), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Everything starts at a pause of its own, so that a round does not measure the one before. */
export const settle = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A call of several pages in a fresh room, joined, agreed and with media everywhere. */
export async function joinCall(
  rig: Rig,
  room: string,
  ids: readonly string[],
  change: Partial<TabSpec> = {},
): Promise<readonly Page[]> {
  const pages = await Promise.all(ids.map(() => rig.openPage()))
  await Promise.all(
    pages.map((page, index) =>
      page.evaluate((spec) => window.rig.start(spec), {
        room,
        me: { id: ids[index] ?? '' },
        providers: rig.providers,
        signaling: [rig.dev.signalingUrl],
        ...change,
      }),
    ),
  )
  await until('everybody is live', async () => (await Promise.all(pages.map(isSettled))).every(Boolean))
  return pages
}

/** Live, nothing under way, and every peer's media shown. */
export function isSettled(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const { state, peers, recovery } = window.rig.call.getSnapshot()
    return (
      state === 'live' &&
      recovery.state === 'idle' &&
      peers.length > 0 &&
      peers.every((peer) => peer.provider !== null)
    )
  })
}

/** Closes the contexts of pages. */
export async function closePages(pages: readonly Page[]): Promise<void> {
  await Promise.all(pages.map((page) => page.context().close()))
}

let rooms = 0
/** A room nobody used yet. */
export const freshRoom = (): string => {
  rooms += 1
  return `bench-${rooms}`
}

/** The page's time, milliseconds since 1970. */
export const nowOf = (page: Page): Promise<number> =>
  page.evaluate(() => performance.timeOrigin + performance.now())

/** Frames that the call's videos showed. */
export async function callFrames(page: Page): Promise<FrameTimes> {
  return page.evaluate(() =>
    Object.fromEntries(Object.entries(window.rig.frames()).map(([peer, log]) => [peer, log.times])),
  )
}

/** When a page last learned of an agreement on `provider`; runs in the page. */
export function lastAgreed(provider: string): number {
  const moment = window.rig
    .moments()
    .findLast(
      (one) =>
        one.name === 'provider-agreed' && (one.detail as { provider: string | null }).provider === provider,
    )
  return moment?.atMs ?? Number.NaN
}
