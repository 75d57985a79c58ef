/**
 * Rows of suite `health` from live calls: black-holed media against the browser's own ICE state in the same run, and
 * what looking costs the page.
 */
import { type Browser, chromium } from 'playwright'
import type { Topology } from '../../test/corpus/recording.js'
import { openStage, type Stage, type Studio } from '../../test/corpus/stage.js'
import { CHROMIUM_FLAGS, chromiumPath } from '../../test/support/chromium.js'
import { servePages } from '../../test/support/page-server.js'
import type { Figure } from '../figure.js'
import { sampling } from './failover-call.js'
import type { Noted } from './health-live-page.js'
import { startRig } from './rig.js'
import { atMost, quantile } from './statistics.js'

/** Pairs, servers and meshes in turn, because evidence differs; each gives two pages. */
const RUNS: readonly Topology[] = ['pair', 'sfu', 'mesh', 'pair', 'sfu', 'mesh']
const CALM_MS = 6000
/** Of three people two lose their network, one after the other and at different moments of a tick. */
const STAGGER_MS = 1_310
/** ICE `disconnected` comes within 8 s. */
const AFTER_MS = 10_000
const LOOK_EVERY_MS = 250
const ENTRY = 'bench/support/health-live-page.ts'

interface Seen {
  readonly suspectMs: number
  readonly confirmedMs: number
  readonly iceMs: number
}

/** Cuts pages off in live calls and looks who says so first. */
export async function blackHoleFigures(progress: (line: string) => void): Promise<readonly Figure[]> {
  const seen: Seen[] = []
  await withStudio(async (studio) => {
    for (const [run, topology] of RUNS.entries())
      for (const one of await blackHoles(studio, topology, run)) {
        progress(
          `black hole ${run + 1}/${RUNS.length} (${topology}): suspect ${one.suspectMs} ms, confirmed ${one.confirmedMs} ms, ICE ${one.iceMs} ms`,
        )
        seen.push(one)
      }
  })
  const quantileOf = (pick: (one: Seen) => number, share: number): number =>
    quantile(seen.map(pick), share) / 1000
  return [
    atMost('black-holed media suspect, p95', quantileOf(suspectOf, 0.95), 's', 1.5, seen.length),
    atMost('black-holed media confirmed, p95', quantileOf(confirmedOf, 0.95), 's', 2, seen.length),
    atMost('black-holed media suspect, p50', quantileOf(suspectOf, 0.5), 's', null, seen.length),
    atMost('black-holed media confirmed, p50', quantileOf(confirmedOf, 0.5), 's', null, seen.length),
    atMost('ICE disconnected in the same runs, p50', quantileOf(iceOf, 0.5), 's', null, seen.length),
    atMost('ICE disconnected in the same runs, earliest', quantileOf(iceOf, 0), 's', null, seen.length),
  ]
}

const suspectOf = ({ suspectMs }: Seen): number => suspectMs
const confirmedOf = ({ confirmedMs }: Seen): number => confirmedMs
const iceOf = ({ iceMs }: Seen): number => iceMs

/** What two pages of one call say of their black holes. */
async function blackHoles(studio: Studio, topology: Topology, run: number): Promise<readonly Seen[]> {
  const stage = await openStage(studio, { topology, seed: 500 + run })
  try {
    await stage.until(CALM_MS)
    const [one = '', other = ''] = [run, run + 1].map((at) => stage.ids[at % stage.ids.length])
    const cutAtMs = cut(stage, one)
    // Of a pair both ends lose the same path; a third person still sends to whom is cut off later.
    if (topology === 'pair') return await Promise.all([one, other].map((id) => seenBy(stage, id, cutAtMs)))
    await stage.until(CALM_MS + STAGGER_MS)
    const laterAtMs = cut(stage, other)
    return await Promise.all([seenBy(stage, one, cutAtMs), seenBy(stage, other, laterAtMs)])
  } finally {
    await stage.close()
  }
}

/** Nothing of this participant's media passes any more; milliseconds since 1970. */
function cut(stage: Stage, id: string): number {
  const { up, down } = stage.link(id)
  up.isBlocked = true
  down.isBlocked = true
  return Date.now()
}

async function seenBy(stage: Stage, id: string, cutAtMs: number): Promise<Seen> {
  let noted: readonly Noted[] = []
  const first = (...what: readonly Noted['what'][]): number => {
    const found = noted.find((one) => one.atMs > cutAtMs && what.includes(one.what))
    return Math.round((found?.atMs ?? Number.POSITIVE_INFINITY) - cutAtMs)
  }
  while (Date.now() < cutAtMs + AFTER_MS && !(first('ice-disconnected') < AFTER_MS)) {
    noted = await stage.page(id).evaluate(() => window.noted)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  return {
    suspectMs: first('suspect', 'dead'),
    confirmedMs: first('dead'),
    iceMs: first('ice-disconnected'),
  }
}

/** What a sample costs the main thread of a page in a live call. */
export async function pageCostFigures(progress: (line: string) => void): Promise<readonly Figure[]> {
  const rig = await startRig()
  try {
    return await sampling(rig, progress)
  } finally {
    await rig.close()
  }
}

async function withStudio(use: (studio: Studio) => Promise<void>): Promise<void> {
  const pages = await servePages()
  const executablePath = chromiumPath()
  let browser: Browser | null = null
  try {
    browser = await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      args: [...CHROMIUM_FLAGS],
    })
    await use({ browser, second: browser, pageUrl: pages.page(ENTRY) })
  } finally {
    await browser?.close()
    await pages.close()
  }
}
