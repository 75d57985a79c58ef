/** Many rooms of two that share one network: a page in each of two hosts per room. */
import type { Page } from 'playwright'
import type { Lab } from './room-page.js'
import { inAll, type LabContext, type Stage, until } from './stage.js'

/** One room over Holdfast and one over bare y-webrtc. */
export interface Trial {
  readonly room: string
  /** Some rooms have one: all that signaling carries is sealed there. */
  readonly password: string | undefined
  readonly pages: readonly [Page, Page]
}

type Log = ReturnType<Lab['arrivals']>

/** What both ends of a room noted. */
export interface Ends {
  readonly own: readonly Log['own'][]
  readonly bare: readonly Log['bare'][]
  readonly links: readonly Log['links'][]
}

/**
 * Opens the rooms, waits until every link carries data, and keeps writing in all of them. Without bare rooms where
 * sockets fail for long: the browser would hold ours back for the failures of theirs.
 */
export async function openTrials(stage: Stage, context: LabContext, hasBare = true): Promise<readonly Trial[]> {
  const { signaling } = stage
  const rooms = Array.from({ length: context.trials }, (_, at) => `room-${at}`)
  const trials: Trial[] = []
  for (const room of rooms) {
    const [a, b] = await Promise.all(stage.hosts.slice(0, 2).map((host) => stage.browser(host).open(ENTRY)))
    const password = trials.length % PASSWORD_EVERY === 0 ? 'lab' : undefined
    if (a !== undefined && b !== undefined) trials.push({ room, password, pages: [a, b] })
  }
  const open = ({ room, password, pages }: Trial): Promise<unknown> =>
    inAll(pages, (page, at) =>
      page.evaluate(
        async (spec) => {
          await window.lab.openOwn({ ...spec, room: `own-${spec.room}` })
          if (spec.hasBare) window.lab.openBare({ ...spec, room: `bare-${spec.room}` })
          window.lab.writeEvery(spec.everyMs)
        },
        {
          ...{ me: `p${at}`, room, signaling, everyMs: WRITE_EVERY_MS, hasBare },
          ...(password === undefined ? {} : { password }),
        },
      ),
    )
  for (const trial of trials) await open(trial)
  await until('every room is linked both ways', async () =>
    (await Promise.all(trials.map((trial) => isLinked(trial, hasBare)))).every(Boolean),
  )
  await readArrivals(trials)
  return trials
}

/** Takes what was noted since the last time. */
export function readArrivals(trials: readonly Trial[]): Promise<readonly Ends[]> {
  return Promise.all(
    trials.map(async ({ pages }) => {
      const logs = await inAll(pages, (page) => page.evaluate(() => window.lab.arrivals()))
      return {
        own: logs.map(({ own }) => own),
        bare: logs.map(({ bare }) => bare),
        links: logs.map(({ links }) => links),
      }
    }),
  )
}

/** Ends the pages; a page that threw fails the scenario. */
export async function closeTrials(trials: readonly Trial[]): Promise<void> {
  const problems = (
    await Promise.all(
      trials.flatMap(({ pages }) => pages.map((page) => page.evaluate(() => window.lab.problems()))),
    )
  ).flat()
  await Promise.all(trials.flatMap(({ pages }) => pages.map((page) => page.close())))
  const own = problems.filter((one) => !STOCK_PROBLEMS.test(one))
  if (own.length > 0) throw new Error(`pages had uncaught problems: ${own.slice(0, 3).join('; ')}`)
}

async function isLinked({ pages }: Trial, hasBare: boolean): Promise<boolean> {
  const states = await inAll(pages, (page) =>
    page.evaluate(() => ({
      hasLink: window.lab.peersBy('webrtc').length > 0,
      hasHeardBare: window.lab.hasHeardBare(),
    })),
  )
  return states.every(({ hasLink, hasHeardBare }) => hasLink && (hasHeardBare || !hasBare))
}

const ENTRY = 'bench/lab/room-page.ts'
const WRITE_EVERY_MS = 400
const PASSWORD_EVERY = 4
/** Stock y-webrtc throws inside its handlers when a signal comes for a peer that is gone. */
const STOCK_PROBLEMS = /glareToken|peer is destroyed|Cannot signal after/
