/**
 * Suite `failover`: how long media is away when a provider fails or is changed, against hand-written pages
 * that do the same steps on the same servers in the same run. Three people; every pair of them is a sample.
 * For development: `--only cold,join`.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from 'playwright'
import type { Figure, RunSuite } from './figure.js'
import { agreement, joining, sampling } from './support/failover-call.js'
import {
  CALM_MS,
  callFrames,
  closePages,
  type FrameTimes,
  freshRoom,
  IDS,
  isSettled,
  joinCall,
  lastAgreed,
  nowOf,
  type Progress,
  type Rig,
  ROUNDS,
  settle,
  startRig,
  until,
} from './support/rig.js'
import { atMost, gapsOf, longestGap, median, quantile } from './support/statistics.js'

/** Everything later than this after a failure has its own name: not recovered. */
const WINDOW_MS = 9000
/** Longer than any gap that was measured. */
const UNDISTURBED_MS = 2500

/** Rounds of hand-written pages that nobody counts: afterwards a server answers as fast as it ever will. */
const WARM_UP_ROUNDS = 2

/** Headless Chromium draws 60 times a second. */
const REFRESH_MS = 1000 / 60

type Part = (rig: Rig, progress: Progress) => Promise<readonly Figure[]>

/** The rows by the names that `--only` takes, in the order of the table. */
const PARTS: Readonly<Record<string, Part>> = {
  planned: plannedSwitch,
  cold: (rig, progress) => killed(rig, progress, 'cold'),
  hot: (rig, progress) => killed(rig, progress, 'hot'),
  warm: killedWarm,
  hung,
  agreement,
  join: joining,
  sampling,
  sizes,
}

/** Measures all rows, or those that `--only` names. */
export const run: RunSuite = async (progress) => {
  const parts = partsOf(process.argv)
  const figures: Figure[] = []
  for (const part of parts) {
    // A browser and servers of its own: no row measures what the rows before it have left behind.
    const rig = await startRig()
    try {
      figures.push(...(await part(rig, progress)))
    } finally {
      await rig.close()
    }
  }
  return figures
}

function partsOf(words: readonly string[]): readonly Part[] {
  const at = words.indexOf('--only')
  if (at < 0) return Object.values(PARTS)
  return (words[at + 1] ?? '').split(',').map((name) => {
    const part = PARTS[name]
    if (part === undefined) throw new Error(`no rows "${name}"; there are ${Object.keys(PARTS).join(', ')}`)
    return part
  })
}

/**
 * A frame is shown at a refresh of the display, so a gap is a whole number of them; the time that the callback
 * carries is off by a tenth of a millisecond, which made equal gaps differ by a thousandth.
 */
const refreshes = (gapMs: number): number => Math.round(gapMs / REFRESH_MS)

const plainFrames = (page: Page): Promise<FrameTimes> => page.evaluate(() => window.plain.frames())

async function gapsSince(
  pages: readonly Page[],
  read: (page: Page) => Promise<FrameTimes>,
  sinceMs: number,
): Promise<number[]> {
  const logs = await Promise.all(pages.map(read))
  return logs.flatMap((log) =>
    Object.values(log).map((times) => longestGap(times, sinceMs - 300, sinceMs + WINDOW_MS)),
  )
}

async function plannedSwitch(rig: Rig, progress: Progress): Promise<readonly Figure[]> {
  const ratios: number[] = []
  const concealed: number[] = []
  let blackFrames = 0
  let calmFromMs = Number.POSITIVE_INFINITY
  const pages = await joinCall(rig, freshRoom(), IDS)
  await Promise.all(pages.map((page) => page.evaluate(() => window.probes.startListening())))
  for (let round = 0; round < ROUNDS; round += 1) {
    const to = round % 2 === 0 ? 'west' : 'east'
    await settle(CALM_MS)
    const before = await Promise.all(pages.map((page) => page.evaluate(() => window.probes.concealedMs())))
    const asker = pages[round % pages.length] as Page
    const startedAt = await nowOf(asker)
    calmFromMs = Math.min(calmFromMs, startedAt)
    await asker.evaluate((id) => window.rig.call.switchTo(id, { reason: 'bench' }), to)
    await settle(1000)
    await until('everybody has moved', async () => (await Promise.all(pages.map(isSettled))).every(Boolean))
    await settle(1500)
    const logs = await Promise.all(pages.map(callFrames))
    for (const log of logs)
      for (const times of Object.values(log)) {
        const calm = gapsOf(times.filter((time) => time < startedAt && time > startedAt - CALM_MS))
        ratios.push(refreshes(longestGap(times, startedAt, startedAt + 3000)) / refreshes(quantile(calm, 0.99)))
      }
    const after = await Promise.all(pages.map((page) => page.evaluate(() => window.probes.concealedMs())))
    after.forEach((byPeer, index) => {
      for (const [peer, ms] of Object.entries(byPeer)) concealed.push(ms - (before[index]?.[peer] ?? 0))
    })
    progress(`planned switch ${round + 1}/${ROUNDS}: ratio p50 ${median(ratios).toFixed(2)}`)
  }
  for (const page of pages)
    blackFrames += await page.evaluate(
      (fromMs) =>
        Object.values(window.rig.frames()).reduce(
          (sum, log) => sum + log.blackTimes.filter((time) => time >= fromMs).length,
          0,
        ),
      calmFromMs,
    )
  await closePages(pages)
  return [
    atMost('planned switch: longest frame gap against normal p99', median(ratios), 'x', 1, ratios.length),
    atMost(
      'planned switch: longest frame gap against normal p99, p95',
      quantile(ratios, 0.95),
      'x',
      null,
      ratios.length,
    ),
    atMost('planned switch: black frames', blackFrames, 'frames', 0, ratios.length),
    atMost('planned switch: audio concealment', median(concealed), 'ms', 40, concealed.length),
  ]
}

/** One failing round of a Holdfast call; returns gaps and the spread of the agreement over tabs. */
async function failingRound(
  rig: Rig,
  standby: 'cold' | 'warm' | 'hot',
  fail: (id: string) => Promise<void>,
): Promise<{ readonly gaps: readonly number[]; readonly spreadMs: number }> {
  await rig.heal()
  const pages = await joinCall(rig, freshRoom(), IDS, { standby, watchesBlack: false })
  await settle(standby === 'cold' ? CALM_MS : CALM_MS + 2500)
  const at = await nowOf(pages[0] as Page)
  await fail('east')
  // Nobody asks the pages anything while they are busy: the baseline is left alone as well.
  await settle(UNDISTURBED_MS)
  await until('everybody is on west', async () =>
    (
      await Promise.all(
        pages.map((page) => page.evaluate(() => window.rig.call.getSnapshot().provider === 'west')),
      )
    ).every(Boolean),
  )
  await until('media is back', async () => (await Promise.all(pages.map(isSettled))).every(Boolean))
  await settle(1500)
  const gaps = await gapsSince(pages, callFrames, at)
  const agreedAt = await Promise.all(pages.map((page) => page.evaluate(lastAgreed, 'west')))
  await closePages(pages)
  return { gaps, spreadMs: Math.max(...agreedAt) - Math.min(...agreedAt) }
}

async function baselineRound(rig: Rig, kind: 'cold' | 'hot'): Promise<readonly number[]> {
  await rig.heal()
  const room = freshRoom()
  const pages = await Promise.all(IDS.map(() => rig.openPage()))
  await Promise.all(
    pages.map((page) =>
      page.evaluate(() => window.rig.openCamera().then(() => window.plain.start(window.rig.camera))),
    ),
  )
  await Promise.all(
    pages.map((page, index) =>
      page.evaluate(
        ([how, bases, name, me, others]) =>
          how === 'cold'
            ? window.plain.coldCall(bases, name, me, others)
            : window.plain.hotCall(bases, name, me, others),
        [kind, rig.bases, room, IDS[index] ?? '', IDS.filter((_, other) => other !== index)] as const,
      ),
    ),
  )
  await until('the baseline shows everybody', async () =>
    (await Promise.all(pages.map(plainFrames))).every(
      (log) =>
        Object.keys(log).length === IDS.length - 1 && Object.values(log).every((times) => times.length > 10),
    ),
  )
  await settle(CALM_MS)
  const at = await nowOf(pages[0] as Page)
  await rig.dev.kill('east')
  await settle(3000)
  const gaps = await gapsSince(pages, plainFrames, at)
  await closePages(pages)
  return gaps
}

async function killed(rig: Rig, progress: Progress, kind: 'cold' | 'hot'): Promise<readonly Figure[]> {
  const own: number[] = []
  const plain: number[] = []
  const spreads: number[] = []
  // The second server lives through all rounds: code that has not run yet would be measured with our page, which comes first.
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await baselineRound(rig, 'hot')
  for (let round = 0; round < ROUNDS; round += 1) {
    const result = await failingRound(rig, kind, (id) => rig.dev.kill(id))
    own.push(...result.gaps)
    spreads.push(result.spreadMs)
    plain.push(...(await baselineRound(rig, kind)))
    progress(
      `SIGKILL ${kind} ${round + 1}/${ROUNDS}: ${median(own).toFixed(0)} ms against ${median(plain).toFixed(0)} ms`,
    )
  }
  const by = kind === 'cold' ? 'hand-written close-and-join' : 'hand-written hot swap'
  return [
    atMost(
      `SIGKILL, ${kind} second provider: gap against ${by}, p50`,
      median(own) / median(plain),
      'x',
      1.5,
      own.length,
    ),
    atMost(`SIGKILL, ${kind} second provider: gap p50`, median(own), 'ms', null, own.length),
    atMost(`SIGKILL, ${kind} second provider: gap p95`, quantile(own, 0.95), 'ms', null, own.length),
    atMost(`SIGKILL, ${kind}: ${by}, gap p50`, median(plain), 'ms', null, plain.length),
    atMost(
      `SIGKILL, ${kind} second provider: spread of the agreement over tabs, worst`,
      Math.max(...spreads),
      'ms',
      300,
      spreads.length,
    ),
  ]
}

async function killedWarm(rig: Rig, progress: Progress): Promise<readonly Figure[]> {
  const gaps: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    gaps.push(...(await failingRound(rig, 'warm', (id) => rig.dev.kill(id))).gaps)
    progress(`SIGKILL warm ${round + 1}/${ROUNDS}: ${median(gaps).toFixed(0)} ms`)
  }
  return [atMost('SIGKILL, warm second provider: gap p50', median(gaps), 'ms', null, gaps.length)]
}

async function hung(rig: Rig, progress: Progress): Promise<readonly Figure[]> {
  const gaps: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    gaps.push(...(await failingRound(rig, 'warm', (id) => rig.dev.hang(id))).gaps)
    progress(`SIGSTOP ${round + 1}/${ROUNDS}: ${median(gaps).toFixed(0)} ms`)
  }
  return [
    atMost('SIGSTOP: gap p50', median(gaps), 'ms', 1300, gaps.length),
    atMost('SIGSTOP: gap p95', quantile(gaps, 0.95), 'ms', 2000, gaps.length),
  ]
}

async function sizes(): Promise<readonly Figure[]> {
  const runNode = promisify(execFile)
  await runNode(process.execPath, ['node_modules/rollup/dist/bin/rollup', '--config', '--silent'])
  const { stdout } = await runNode(process.execPath, ['scripts/size.mjs', '--json']).catch(
    // It exits with 1 when a limit is exceeded, and still prints every size.
    (error: { stdout: string }) => error,
  )
  const entries: readonly { readonly name: string; readonly bytes: number }[] = JSON.parse(stdout)
  const sizeOf = (word: string): number =>
    (entries.find(({ name }) => name.includes(word))?.bytes ?? Number.NaN) / 1000
  return [
    atMost('core entry without yjs and y-webrtc, gzip', sizeOf('before join'), 'kB', 20, 1),
    atMost('core entry and all that join() loads, gzip', sizeOf('all that join'), 'kB', null, 1),
    atMost('whole IIFE, gzip', sizeOf('script tag'), 'kB', 85, 1),
  ]
}
