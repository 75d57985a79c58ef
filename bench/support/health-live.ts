/**
 * Rows of suite `health` from live calls: black-holed media against the browser's own ICE state in the same run, and
 * what looking costs the page.
 */
import { type Browser, chromium } from 'playwright'
import { playRecording } from '../../test/corpus/play.js'
import type { Recording, Topology } from '../../test/corpus/recording.js'
import { openStage, type Studio } from '../../test/corpus/stage.js'
import { CHROMIUM_FLAGS, chromiumPath } from '../../test/support/chromium.js'
import { servePages } from '../../test/support/page-server.js'
import type { Figure } from '../figure.js'
import { sampling } from './failover-call.js'
import { startRig } from './rig.js'
import { atMost, median, quantile } from './statistics.js'

/** Each gives one page that is cut off; pairs and servers, because evidence differs. */
const RUNS: readonly Topology[] = ['pair', 'sfu', 'mesh', 'pair', 'sfu', 'mesh']
const CALM_MS = 6000
/** ICE `disconnected` comes within 8 s. */
const AFTER_MS = 10_000

interface Seen {
  readonly suspectMs: number
  readonly confirmedMs: number
  readonly iceMs: number
}

/** Cuts one page off in live calls and looks who says so first. */
export async function blackHoleFigures(progress: (line: string) => void): Promise<readonly Figure[]> {
  const seen: Seen[] = []
  await withStudio(async (studio) => {
    for (const [run, topology] of RUNS.entries()) {
      const one = await blackHole(studio, topology, run)
      progress(
        `black hole ${run + 1}/${RUNS.length} (${topology}): suspect ${one.suspectMs} ms, confirmed ${one.confirmedMs} ms, ICE ${one.iceMs} ms`,
      )
      seen.push(one)
    }
  })
  const row = (name: string, pick: (one: Seen) => number, bar: number | null): Figure =>
    atMost(name, quantile(seen.map(pick), 0.95) / 1000, 's', bar, seen.length)
  return [
    row('black-holed media suspect, p95', ({ suspectMs }) => suspectMs, 1.5),
    row('black-holed media confirmed, p95', ({ confirmedMs }) => confirmedMs, 2),
    atMost(
      'ICE disconnected in the same runs, p50',
      median(seen.map(({ iceMs }) => iceMs)) / 1000,
      's',
      null,
      seen.length,
    ),
  ]
}

async function blackHole(studio: Studio, topology: Topology, run: number): Promise<Seen> {
  const stage = await openStage(studio, { topology, seed: 500 + run })
  try {
    const at = stage.ids[run % stage.ids.length] ?? 'ana'
    await stage.until(CALM_MS)
    const { up, down } = stage.link(at)
    up.isBlocked = true
    down.isBlocked = true
    const fromMs = stage.now()
    await stage.until(fromMs + AFTER_MS)
    const recording: Recording = {
      name: `live.${run}`,
      label: 'black-hole-long',
      isHeldOut: false,
      seconds: Math.round((fromMs + AFTER_MS) / 1000),
      browser: 'chromium',
      topology,
      fault: { fromMs, toMs: null, culprit: 'network', at, note: '' },
      pages: stage.recorded(),
    }
    return seenBy(recording, at, fromMs)
  } finally {
    await stage.close()
  }
}

function seenBy(recording: Recording, page: string, fromMs: number): Seen {
  const said = playRecording(recording).filter((one) => one.page === page && one.atMs > fromMs)
  const firstMs = (isIt: (one: (typeof said)[number]) => boolean): number =>
    (said.find(isIt)?.atMs ?? Number.POSITIVE_INFINITY) - fromMs
  const says = (states: readonly string[], one: (typeof said)[number]): boolean =>
    one.output.verdicts.some(({ state }) => states.includes(state))
  const ice = recording.pages
    .find(({ id }) => id === page)
    ?.ticks.find(
      ({ atMs, signals }) =>
        atMs > fromMs && signals.some((one) => one.type === 'ice' && one.state === 'disconnected'),
    )
  return {
    suspectMs: Math.round(firstMs((one) => says(['suspect', 'dead'], one))),
    confirmedMs: Math.round(firstMs((one) => says(['dead'], one))),
    iceMs: Math.round((ice?.atMs ?? Number.POSITIVE_INFINITY) - fromMs),
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
    await use({ browser, second: browser, pageUrl: pages.page('test/corpus/corpus-page.ts') })
  } finally {
    await browser?.close()
    await pages.close()
  }
}
