/**
 * A lane of suite `recovery`: one call of three people over two providers of one kind, with servers of its own, in
 * which one fault after the other is caused. Lanes run side by side and cannot disturb each other but by load.
 */
import type { Browser, CDPSession, Page } from 'playwright'
import type { DevServers } from '../../src/server/dev.js'
import { startSignaling } from '../../src/server/signaling.js'
import type { ProviderSpec } from '../../test/support/call-page.js'
import { startTestDev } from '../../test/support/dev.js'
import { type JanusServer, startJanus } from '../../test/support/janus.js'
import type { PageServer } from '../../test/support/page-server.js'
import type { Look } from './recovery-page.js'
import { freshRoom, until, within } from './rig.js'

/** What carries the media of a lane. */
export const CARRIERS = ['whip', 'janus', 'mesh'] as const
/** One of {@link CARRIERS}. */
export type CarrierKind = (typeof CARRIERS)[number]

/** One person of a lane. */
export interface Seat {
  readonly id: string
  readonly page: Page
  /** Changes the network of this tab alone; nothing given: the resting state. */
  impair(change: NetworkChange): Promise<void>
}

/** A network as it is made worse; throughput in bytes a second. */
export interface NetworkChange {
  readonly offline?: boolean
  /** Per cent. */
  readonly packetLoss?: number
  /** Milliseconds, one way. */
  readonly latency?: number
  readonly uploadThroughput?: number
  readonly downloadThroughput?: number
}

/** Two providers `east` and `west`, and how they are broken. */
interface Servers {
  readonly signalingUrl: string
  providers(): readonly ProviderSpec[]
  kill(id: string): Promise<void>
  hang(id: string): Promise<void>
  heal(): Promise<void>
  close(): Promise<void>
}

/** A browser that runs; another one where the last has crashed. */
export type BrowserSource = () => Promise<Browser>

/** A call with servers of its own. */
export interface Lane {
  readonly carrier: CarrierKind
  readonly servers: Servers
  readonly seats: readonly Seat[]
  /** A page or the browser is gone, which no call is to blame for; over with the next `rejoin()`. */
  readonly isCrashed: boolean
  look(): Promise<readonly Look[]>
  /** Leaves and joins anew, in another room, with everything healed; in the same pages while they are fit for it. */
  rejoin(ids?: readonly string[]): Promise<void>
  close(): Promise<void>
}

const ENTRY = 'bench/support/recovery-page.ts'
const PEOPLE = ['ana', 'bob', 'cleo']
/** Each call has a room of its own, so that nobody meets the ghosts of the call before. */
const JANUS_ROOM_FIRST = 2_000
const JANUS_ROOMS = 200
/** Lanes that all start at once may starve each other; whether a call can be joined is another suite's question. */
const JOIN_TRIES = 3
/** Enough for every gap that a figure is about, and a third less to draw, encode, decode and show than the usual 15. */
const FRAMES_PER_SECOND = 10
/** Of 10: thirty pictures at once on two cores are slow, and there. */
export const MOVING_FPS = 3
/** Joining and moving is when a call needs the machine most; looks take some of it. */
export const WAIT_LOOK_EVERY_MS = 250
/** Sockets made while the emulation is off never obey it: one millisecond is its resting state. */
const RESTING = { offline: false, latency: 1, downloadThroughput: -1, uploadThroughput: -1, packetLoss: 0 }

/** A call that is broken may not be able to leave; its pages are closed then. */
const STOP_LIMIT_MS = 4_000
const OPEN_LIMIT_MS = 30_000

/** What {@link openLane} needs. */
export interface LaneOptions {
  readonly browser: BrowserSource
  readonly pages: PageServer
  readonly carrier: CarrierKind
  readonly onProblem: (text: string) => void
  /** Breakable from inside, which costs every page a worker for frames. */
  readonly isBreakable: boolean
}

/** Opens a lane; its call is joined and media flows everywhere. */
export async function openLane(options: LaneOptions): Promise<Lane> {
  const { carrier, onProblem } = options
  const servers = await serversOf(carrier)
  let seats: readonly OpenSeat[] = []
  let seeds = 0
  const leave = async (): Promise<void> => {
    const left = seats
    seats = []
    const closed = Promise.all(left.map(({ page }) => page.context().close()))
    await within('closing pages', OPEN_LIMIT_MS, closed).catch((error: unknown) => onProblem(String(error)))
  }
  const sit = async (ids: readonly string[], isFresh: boolean): Promise<void> => {
    const isFit = !isFresh && seats.map(({ id }) => id).join() === ids.join() && !seats.some(hasCrashed)
    if (isFit && (await stopAll(seats))) return
    await leave()
    const browser = await options.browser()
    const opened = Promise.all(ids.map((id) => openSeat(browser, options.pages, id)))
    seats = await within('opening pages', OPEN_LIMIT_MS, opened)
    for (const { id, page } of seats) page.on('pageerror', ({ message }) => onProblem(`${id}: ${message}`))
  }
  const rejoin = async (ids: readonly string[], isFresh: boolean): Promise<void> => {
    await sit(ids, isFresh)
    await servers.heal()
    const room = freshRoom()
    const providers = servers.providers()
    const started = seats.map(({ id, page }, index) => {
      seeds += 1
      return page.evaluate((spec) => window.rig.start(spec), {
        ...{ room, me: { id }, providers, signaling: [servers.signalingUrl] },
        ...(options.isBreakable ? { faultSeed: seeds } : {}),
        // Who is muted must stay so through everything.
        ...(index === ids.length - 1 ? { muted: ['microphone' as const] } : {}),
        ...{ watchesBlack: false, framesPerSecond: FRAMES_PER_SECOND },
      })
    })
    await within('joining', OPEN_LIMIT_MS, Promise.all(started))
    await until(`everybody sees everybody on ${carrier}`, () => isSeenByAll(seats), WAIT_LOOK_EVERY_MS)
  }
  const rejoinSurely = async (ids: readonly string[] = PEOPLE): Promise<void> => {
    for (let tries = 1; ; tries += 1)
      try {
        return await rejoin(ids, tries > 1)
      } catch (error) {
        if (tries === JOIN_TRIES) throw error
        onProblem(`joined again: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
      }
  }
  const close = async (): Promise<void> => {
    await leave()
    await servers.close()
  }
  await rejoinSurely().catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    carrier,
    servers,
    get seats() {
      return seats
    },
    get isCrashed() {
      return seats.some(hasCrashed)
    },
    look: () => lookAll(seats),
    rejoin: rejoinSurely,
    close,
  }
}

interface OpenSeat extends Seat {
  readonly hasCrashed: () => boolean
}

const hasCrashed = (seat: OpenSeat): boolean => seat.hasCrashed()

/** Whether all of them left and can start anew. */
async function stopAll(seats: readonly Seat[]): Promise<boolean> {
  const stopped = seats.map(async ({ page, impair }) => {
    await impair({})
    await page.evaluate(() => window.watch.stop())
  })
  return within('leaving', STOP_LIMIT_MS, Promise.all(stopped)).then(
    () => true,
    () => false,
  )
}

/** Everybody sees everybody moving, on `provider` where one is named. */
export async function isSeenByAll(seats: readonly Seat[], provider?: string): Promise<boolean> {
  const others = seats.length - 1
  const seen = seats.map(({ page }) =>
    page.evaluate((words) => window.watch.seesAll(...words), [others, MOVING_FPS, provider] as const),
  )
  return (await Promise.all(seen)).every(Boolean)
}

const lookAll = (seats: readonly Seat[]): Promise<readonly Look[]> =>
  Promise.all(seats.map(({ page }) => page.evaluate(() => window.watch.look())))

async function openSeat(browser: Browser, pages: PageServer, id: string): Promise<OpenSeat> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
  const page = await context.newPage()
  let isGone = false
  page.on('crash', () => {
    isGone = true
  })
  const network: CDPSession = await context.newCDPSession(page)
  await network.send('Network.enable')
  const impair = async (change: NetworkChange): Promise<void> => {
    await network.send('Network.emulateNetworkConditions', { ...RESTING, ...change })
  }
  await impair({})
  await page.goto(pages.page(ENTRY))
  await page.waitForFunction(() => window.rig !== undefined && window.watch !== undefined)
  return { id, page, impair, hasCrashed: () => isGone || !browser.isConnected() }
}

function serversOf(carrier: CarrierKind): Promise<Servers> {
  if (carrier === 'whip') return whipServers()
  return carrier === 'janus' ? janusServers() : meshServers()
}

async function whipServers(): Promise<Servers> {
  const dev: DevServers = await startTestDev()
  return {
    signalingUrl: dev.signalingUrl,
    providers: () => dev.sfus.map(({ name, url }) => ({ kind: 'whip', id: name, url })),
    kill: (id) => dev.kill(id),
    hang: (id) => dev.hang(id),
    async heal() {
      for (const sfu of dev.sfus) if (sfu.state !== 'running') await dev.restart(sfu.name)
    },
    close: () => dev.close(),
  }
}

async function janusServers(): Promise<Servers> {
  const rooms = Object.fromEntries(
    Array.from({ length: JANUS_ROOMS }, (_, index) => [JANUS_ROOM_FIRST + index, { publishers: 20 }]),
  )
  const signaling = await startSignaling({ port: 0 })
  const [east, west] = await Promise.all([
    startJanus({ name: 'east', rooms }),
    startJanus({ name: 'west', rooms }),
  ])
  const servers: Readonly<Record<string, JanusServer>> = { east, west }
  const broken = new Set<string>()
  let roomId = JANUS_ROOM_FIRST - 1
  return {
    signalingUrl: signaling.url,
    providers() {
      roomId += 1
      return Object.entries(servers).map(([id, { url }]) => ({ kind: 'janus' as const, id, url, roomId }))
    },
    async kill(id) {
      broken.add(id)
      await servers[id]?.kill()
    },
    async hang(id) {
      broken.add(id)
      await servers[id]?.hang()
    },
    async heal() {
      for (const id of broken) await servers[id]?.restart()
      broken.clear()
    },
    async close() {
      await Promise.all([east.close(), west.close(), signaling.close()])
    },
  }
}

async function meshServers(): Promise<Servers> {
  const signaling = await startSignaling({ port: 0 })
  const none = (): Promise<never> => Promise.reject(new Error('a mesh has no server'))
  return {
    signalingUrl: signaling.url,
    providers: () => [
      { kind: 'mesh', id: 'mesh-a' },
      { kind: 'mesh', id: 'mesh-b' },
    ],
    kill: none,
    hang: none,
    async heal() {},
    close: () => signaling.close(),
  }
}
