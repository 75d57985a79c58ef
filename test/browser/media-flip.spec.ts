import { expect, type Page, test } from '@playwright/test'
import { type PageServer, servePages } from '../support/page-server.js'
import type { MediaPage } from './media-page.js'

declare const mediaPage: MediaPage

let pages: PageServer
test.beforeAll(async () => {
  pages = await servePages()
})
test.afterAll(() => pages.close())

/** Frames to watch before a flip: two seconds at 20 fps give a p99. */
const BASELINE_FRAMES = 40
/** Between a frame of a track that was put in and its paint in the element: 0 to 190 ms in 24 tries at 15 a second. */
const ELEMENT_LATE_MS = 250

async function open(page: Page): Promise<void> {
  await page.goto(pages.page('test/browser/media-page.ts'))
  await page.waitForFunction(() => 'mediaPage' in globalThis)
  await page.evaluate(() => mediaPage.begin())
}

async function showPeer(page: Page, peer: string, connection: string): Promise<void> {
  await page.evaluate(
    async ([peer, connection]) => {
      mediaPage.prefer(connection)
      await mediaPage.connect(peer, connection)
      mediaPage.show(peer)
    },
    [peer, connection] as const,
  )
}

async function watchFrames(page: Page, peers: readonly string[], frames: number): Promise<void> {
  await page.evaluate(
    async ([peers, frames]) => {
      const endCounts = peers.map((peer) => mediaPage.frameCount(peer) + frames)
      await mediaPage.waitFor(`${frames} frames of ${peers.join()}`, () =>
        peers.every((peer, index) => mediaPage.frameCount(peer) >= (endCounts[index] ?? 0)),
      )
    },
    [peers, frames] as const,
  )
}

const print = (line: string): void => void process.stdout.write(`\n${line}\n`)

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN

test('a planned flip shows no black frame, no pause and no gap above the normal one', async ({ page }) => {
  test.setTimeout(120_000)
  await open(page)
  for (const peer of ['ann', 'bob']) await showPeer(page, peer, 'c0')
  const figures: { gapMs: number; normalP99Ms: number; concealedMs: number; controlMs: number }[] = []
  for (let round = 0; round < 4; round += 1) {
    const [from, to] = [`c${round}`, `c${round + 1}`]
    await watchFrames(page, ['ann', 'bob'], BASELINE_FRAMES)
    const fromMs = await page.evaluate(() => {
      for (const peer of ['ann', 'bob']) mediaPage.startMetering(peer)
      return mediaPage.now()
    })
    const result = await page.evaluate(
      async ([from, to]) => {
        for (const peer of ['ann', 'bob']) await mediaPage.connect(peer, to)
        await mediaPage.waitFor('media on the new connection', () =>
          ['ann', 'bob'].every((peer) => mediaPage.isFlowing(to, peer)),
        )
        const before = mediaPage.flips().length
        const startMs = mediaPage.now()
        mediaPage.prefer(to)
        await mediaPage.waitFor('both flipped', () => mediaPage.flips().length === before + 2)
        const concealed = [await mediaPage.concealed('ann', to), await mediaPage.concealed('bob', to)]
        const control = [await mediaPage.concealed('ann', from), await mediaPage.concealed('bob', from)]
        return { startMs, endMs: mediaPage.now(), concealed, control }
      },
      [from, to] as const,
    )
    await watchFrames(page, ['ann', 'bob'], 10)
    const beforeDrop = await page.evaluate(
      async ([from, to]) => {
        const all = ['ann', 'bob'].map(async (peer) => ({
          flipped: await mediaPage.concealed(peer, to),
          control: await mediaPage.concealed(peer, from),
        }))
        return await Promise.all(all)
      },
      [from, to] as const,
    )
    await page.evaluate((from) => mediaPage.drop(from, ['ann', 'bob']), from)
    await watchFrames(page, ['ann', 'bob'], 10)
    for (const [index, peer] of ['ann', 'bob'].entries()) {
      const { normal, around, isStable } = await page.evaluate(
        ([peer, fromMs, startMs, endMs]) => ({
          normal: mediaPage.reading(peer, fromMs - 2_500, startMs),
          around: mediaPage.reading(peer, startMs, endMs + 300),
          isStable: mediaPage.isStable(peer),
        }),
        [peer, fromMs, result.startMs, result.endMs] as const,
      )
      expect(isStable).toBe(true)
      expect(around.isPaused).toBe(false)
      expect(around.events).toEqual([])
      expect(around.black).toBe(0)
      figures.push({
        gapMs: Math.max(...around.gaps),
        normalP99Ms: percentile(normal.gaps, 0.99),
        // Against the old connection in the same moments: a busy machine conceals on both.
        concealedMs: (beforeDrop[index]?.flipped ?? 0) - (result.concealed[index] ?? 0),
        controlMs: (beforeDrop[index]?.control ?? 0) - (result.control[index] ?? 0),
      })
    }
  }
  const medianOf = (pick: (figure: (typeof figures)[number]) => number) => percentile(figures.map(pick), 0.5)
  const gapMs = medianOf((figure) => figure.gapMs)
  const normalMs = medianOf((figure) => figure.normalP99Ms)
  const concealedMs = medianOf((figure) => figure.concealedMs)
  const controlMs = medianOf((figure) => figure.controlMs)
  const worstOf = (pick: (figure: (typeof figures)[number]) => number) =>
    Math.max(...figures.map(pick)).toFixed(0)
  print(
    `planned flip, ${figures.length} flips: longest gap p50 ${gapMs.toFixed(0)} ms, worst ${worstOf((f) => f.gapMs)} ms; ` +
      `normal p99 p50 ${normalMs.toFixed(0)} ms, worst ${worstOf((f) => f.normalP99Ms)} ms; ` +
      `concealed p50 ${concealedMs.toFixed(0)} ms, worst ${worstOf((f) => f.concealedMs)} ms (old connection meanwhile p50 ${controlMs.toFixed(0)} ms)`,
  )
  // Medians: on a busy machine single frames are late with or without a flip.
  // Whole milliseconds: the times of equal gaps differ by rounding.
  expect(Math.round(gapMs)).toBeLessThanOrEqual(Math.round(normalMs))
  expect(concealedMs - controlMs).toBeLessThanOrEqual(40)
})

test('each peer flips on its own, when its own media has arrived', async ({ page }) => {
  await open(page)
  for (const peer of ['ann', 'bob']) await showPeer(page, peer, 'east')
  await watchFrames(page, ['ann', 'bob'], 5)
  const shown = await page.evaluate(async () => {
    mediaPage.prefer('west')
    await mediaPage.connect('ann', 'west')
    await mediaPage.waitFor('ann flipped', () => mediaPage.flips().some((flip) => flip.to === 'west'))
    return { ann: mediaPage.connectionOf('ann'), bob: mediaPage.connectionOf('bob') }
  })
  expect(shown).toEqual({ ann: 'west', bob: 'east' })
})

test('after a death the last picture stays until the new one, and the flip follows its first frame', async ({
  page,
}) => {
  await open(page)
  await showPeer(page, 'ann', 'east')
  await watchFrames(page, ['ann'], 20)
  const result = await page.evaluate(async () => {
    mediaPage.startMetering('ann')
    const killedAtMs = mediaPage.now()
    mediaPage.silence('ann', 'east')
    mediaPage.prefer('west')
    const during = mediaPage.tracks('ann')
    await mediaPage.connect('ann', 'west')
    await mediaPage.waitFor('flip', () => mediaPage.flips().some((flip) => flip.to === 'west'))
    const report = mediaPage.flips().find((flip) => flip.to === 'west')
    // Chromium paints a shown track black the moment its connection is closed: close it after the flip.
    mediaPage.drop('east', ['ann'])
    return { during, after: mediaPage.tracks('ann'), report, killedAtMs }
  })
  await watchFrames(page, ['ann'], 10)
  const reading = await page.evaluate(
    (fromMs) => mediaPage.reading('ann', fromMs, mediaPage.now()),
    result.killedAtMs,
  )
  expect(result.during).toEqual(['audio', 'video'])
  expect(result.after).toEqual(['audio', 'video'])
  expect(result.report?.from).toBe('east')
  const seenGapMs = Math.max(...reading.gaps)
  print(
    `after a death: gap seen ${seenGapMs.toFixed(0)} ms, reported ${result.report?.gapMs?.toFixed(0)} ms, black paints ${reading.black}`,
  )
  expect(reading.black).toBe(0)
  expect(reading.isPaused).toBe(false)
  // The report is made from frames of the same tracks; the element paints the new ones up to three frames later.
  expect(Math.abs(seenGapMs - (result.report?.gapMs ?? 0))).toBeLessThan(ELEMENT_LATE_MS)
})

test('a tab that gets no frame callbacks flips all the same', async ({ page }) => {
  await open(page)
  await showPeer(page, 'ann', 'east')
  await watchFrames(page, ['ann'], 5)
  const tookMs = await page.evaluate(async () => {
    mediaPage.hideFrames()
    await mediaPage.connect('ann', 'west')
    const startMs = mediaPage.now()
    mediaPage.prefer('west')
    await mediaPage.waitFor('flip', () => mediaPage.flips().some((flip) => flip.to === 'west'))
    return mediaPage.now() - startMs
  })
  print(`flip without frame callbacks: ${tookMs.toFixed(0)} ms after the wish, connecting included`)
  expect(await page.evaluate(() => mediaPage.connectionOf('ann'))).toBe('west')
  expect(await page.evaluate(() => mediaPage.isFlowing('west', 'ann'))).toBe(true)
})

test('media that is not there is not flowing, and what stopped no longer is', async ({ page }) => {
  await open(page)
  await showPeer(page, 'ann', 'east')
  await watchFrames(page, ['ann'], 5)
  expect(await page.evaluate(() => mediaPage.isFlowing('east', 'ann'))).toBe(true)
  expect(await page.evaluate(() => mediaPage.isFlowing('west', 'ann'))).toBe(false)
  await page.evaluate(async () => {
    mediaPage.silence('ann', 'east')
    await mediaPage.waitFor('silence noticed', () => !mediaPage.isFlowing('east', 'ann'))
  })
})

test('a connection that is dropped before the new one came leaves its tracks until then', async ({ page }) => {
  await open(page)
  await showPeer(page, 'ann', 'east')
  await watchFrames(page, ['ann'], 5)
  const tracks = await page.evaluate(async () => {
    mediaPage.prefer('west')
    mediaPage.drop('east', ['ann'])
    const before = mediaPage.tracks('ann')
    await mediaPage.connect('ann', 'west')
    await mediaPage.waitFor('flip', () => mediaPage.flips().some((flip) => flip.to === 'west'))
    return { before, after: mediaPage.tracks('ann') }
  })
  expect(tracks).toEqual({ before: ['audio', 'video'], after: ['audio', 'video'] })
})
