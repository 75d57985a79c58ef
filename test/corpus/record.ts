/**
 * Records the corpus: `record(names)` stages each scenario with a real browser and writes its compact form. A
 * few stages stand side by side; those that starve a browser of CPU time stand alone.
 */
import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { type Browser, chromium } from 'playwright'
import { CHROMIUM_FLAGS, chromiumPath } from '../support/chromium.js'
import { servePages } from '../support/page-server.js'
import { encodeRecording } from './codec.js'
import { slimmed } from './corpus-page-fields.js'
import { launchFirefoxStage } from './firefox.js'
import { CORPUS_ENDING, CORPUS_FOLDER } from './read.js'
import type { Recording } from './recording.js'
import type { Take, Tools } from './scenario.js'
import { openStage, type Studio } from './stage.js'
import { openStarvation, type Starvation } from './starve.js'
import { type Job, jobsOf, nameOf } from './takes.js'
import { openTurn, type Turn } from './turn.js'

const PAGE = 'test/corpus/corpus-page.ts'
/** Two calls of three pages leave two cores enough air to be healthy. */
const SIDE_BY_SIDE = 2
const TRIES = 2
/** The whole recordings stay here, so that the compact form can be changed without recording again. */
const RAW_FOLDER = 'node_modules/.cache/holdfast-corpus'

/** Takes a line for the person who waits. */
type Progress = (line: string) => void

/** Records what is named (see `jobsOf`); returns what failed. */
export async function record(names: readonly string[], progress: Progress): Promise<readonly string[]> {
  const jobs = jobsOf(names)
  await mkdir(RAW_FOLDER, { recursive: true })
  const failed: string[] = []
  for (const browser of ['chromium', 'firefox'] as const) {
    const queue = jobs.filter((job) => !job.scenario.isStarved && job.browser === browser)
    if (queue.length === 0) continue
    await withStudio(browser, async (studio, turn) => {
      const worker = async (): Promise<void> => {
        for (let job = queue.shift(); job; job = queue.shift())
          failed.push(...(await recordOne(studio, job, { turn, starvation: null }, progress)))
      }
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
    })
  }
  for (const job of jobs.filter(({ scenario }) => scenario.isStarved))
    await withStudio(
      job.browser,
      async (studio, turn, starvation) => {
        failed.push(...(await recordOne(studio, job, { turn, starvation }, progress)))
      },
      true,
    )
  // Only now: packing keeps this process, which carries all packets, from its work.
  await pack(progress, jobs.map(nameOf))
  return failed
}

/** Writes the compact form of recordings that are there in whole; of all without names. */
export async function pack(progress: Progress, names?: readonly string[]): Promise<void> {
  await mkdir(CORPUS_FOLDER, { recursive: true })
  for (const file of (await readdir(RAW_FOLDER)).filter((one) => one.endsWith('.json'))) {
    if (names && !names.includes(file.slice(0, -'.json'.length))) continue
    const bytes = encodeRecording(slim(JSON.parse(await readFile(`${RAW_FOLDER}/${file}`, 'utf8'))))
    await writeFile(`${CORPUS_FOLDER}/${file.replace(/\.json$/, CORPUS_ENDING)}`, bytes)
    progress(`${file}: ${(bytes.length / 1000).toFixed(1)} kB`)
  }
}

/** What was recorded with more fields than are kept today. */
function slim(recording: Recording): Recording {
  const pages = recording.pages.map((page) => ({
    ...page,
    ticks: page.ticks.map((tick) => ({
      ...tick,
      stats: tick.stats.map(({ pc, entries }) => ({ pc, entries: slimmed(entries) })),
    })),
  }))
  return { ...recording, pages }
}

interface Extras {
  readonly turn: Turn | null
  readonly starvation: Starvation | null
}

async function recordOne(
  studio: Studio,
  job: Job,
  extras: Extras,
  progress: Progress,
): Promise<readonly string[]> {
  const name = nameOf(job)
  for (let tries = 1; tries <= TRIES; tries += 1) {
    try {
      const recording = await staged(studio, job, extras)
      await writeFile(`${RAW_FOLDER}/${name}.json`, JSON.stringify(recording))
      const ticks = recording.pages.map((page) => page.ticks.length).join('/')
      progress(`${name}: ${recording.topology}, ${ticks} ticks`)
      return []
    } catch (error) {
      progress(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return [name]
}

async function staged(studio: Studio, job: Job, extras: Extras): Promise<Recording> {
  const { scenario, number, topology, browser } = job
  if (scenario.isRelayed && !extras.turn) throw new Error('no TURN server: install coturn')
  if (scenario.isStarved && !extras.starvation) throw new Error('no control group for CPU time')
  const at = ['ana', 'bob', 'cleo'][number % (topology === 'pair' ? 2 : 3)] ?? 'ana'
  const take: Take = {
    number,
    topology,
    at,
    fromMs: 4000 + 330 * number + (scenario.leadMs ?? 0),
    strength: 1 + number * 0.2,
  }
  const stage = await openStage(studio, {
    topology,
    seed: 1000 + number,
    hasTransforms: scenario.hasTransforms ?? false,
    apart: scenario.isStarved ? at : undefined,
    ...(scenario.isRelayed && extras.turn ? { configuration: extras.turn.configuration } : {}),
  })
  try {
    let toMs: number | null = null
    const tools: Tools = {
      ended(atMs) {
        toMs = Math.round(atMs)
      },
      starve: async (share) => extras.starvation?.starve(share),
    }
    await scenario.inject(stage, take, tools)
    await stage.until(scenario.seconds * 1000)
    await extras.starvation?.starve(null)
    const isHealthy = scenario.label.startsWith('healthy')
    return {
      name: nameOf(job),
      label: scenario.label,
      isHeldOut: number % 2 === 1,
      seconds: scenario.seconds,
      browser,
      topology,
      fault: isHealthy
        ? null
        : {
            fromMs: scenario.isFromStart ? 0 : Math.round(take.fromMs),
            toMs,
            culprit: scenario.culprit,
            at: scenario.isNobodys ? null : at,
            note: scenario.note,
          },
      pages: stage.recorded(),
    }
  } finally {
    await stage.close()
  }
}

async function withStudio(
  name: Job['browser'],
  use: (studio: Studio, turn: Turn | null, starvation: Starvation | null) => Promise<void>,
  isStarved = false,
): Promise<void> {
  const pages = await servePages()
  const turn = await openTurn(spawn)
  const starvation = isStarved ? await openStarvation() : null
  const browsers: Browser[] = []
  const launch = async (): Promise<Browser> => {
    const browser = await (name === 'firefox' ? launchFirefoxStage() : launchChromium())
    browsers.push(browser)
    return browser
  }
  try {
    const browser = await launch()
    const second = starvation ? await starvation.around(launch) : browser
    await use({ browser, second, pageUrl: pages.page(PAGE) }, turn, starvation)
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()))
    await starvation?.close()
    await turn?.close()
    await pages.close()
  }
}

function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath()
  return chromium.launch({ ...(executablePath ? { executablePath } : {}), args: [...CHROMIUM_FLAGS] })
}
