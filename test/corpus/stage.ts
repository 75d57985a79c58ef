/** One call on a stage: pages in browsers, their links, their presence and, where wanted, an SFU of its own. */
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright'
import { type WebSocket, WebSocketServer } from 'ws'
import type { DevServers } from '../../src/server/dev.js'
import { startTestDev } from '../support/dev.js'
import type { PageSpec } from './corpus-page.js'
import { type AccessLink, type Address, cleanLink, Network, type Path } from './links.js'
import type { RecordedConnection, RecordedPage, Tick, Topology } from './recording.js'

/** What a stage is set up with. */
export interface StagePlan {
  readonly topology: Topology
  readonly seed: number
  /** Encoded transforms, for scenarios that break frames. */
  readonly hasTransforms?: boolean
  /** Media through a TURN server: what the pages configure. */
  readonly configuration?: RTCConfiguration
  /** Which participant sits in a browser of its own. */
  readonly apart?: string | undefined
}

/** A running call that a scenario may do things to. */
export interface Stage {
  readonly ids: readonly string[]
  readonly links: ReadonlyMap<string, AccessLink>
  /** The link of the SFU, or of nobody. */
  readonly serverLink: AccessLink
  readonly dev: DevServers | null
  readonly paths: readonly { readonly between: readonly [string, string]; readonly path: Path }[]
  /** Address that answers every request with 401. */
  readonly refusingUrl: string
  /** Address that never answers. */
  readonly silentUrl: string
  page(id: string): Page
  link(id: string): AccessLink
  /** Milliseconds since the recording began. */
  now(): number
  /** Waits until the recording is this old. */
  until(atMs: number): Promise<void>
  /** Nothing of what this participant says in presence arrives any more, and nothing arrives there. */
  cutPresence(id: string, isCut: boolean): void
  recorded(): readonly RecordedPage[]
  close(): Promise<void>
}

/** Everything that stages share. */
export interface Studio {
  readonly browser: Browser
  /** For participants that sit apart; the same one without such a browser. */
  readonly second: Browser
  readonly pageUrl: string
}

interface Booth {
  readonly id: string
  readonly page: Page
  readonly link: AccessLink
  readonly connections: RecordedConnection[]
  readonly ticks: Tick[]
  isCut: boolean
  socket: WebSocket | null
}

const CONNECT_LIMIT_MS = 15_000
const CLOSE_LIMIT_MS = 3000

/** Opens the pages and connects them; the recording begins before the first connection. */
export async function openStage(studio: Studio, plan: StagePlan): Promise<Stage> {
  const ids = plan.topology === 'pair' ? ['ana', 'bob'] : ['ana', 'bob', 'cleo']
  const network = new Network(plan.seed)
  const dev = plan.topology === 'sfu' ? await startTestDev({ sfus: ['east'] }) : null
  const booths = new Map<string, Booth>()
  const recorder = await startRecorderServer(booths)
  let zeroMs = Date.now()
  const paths: { between: readonly [string, string]; path: Path }[] = []
  const stage: Stage = {
    ids,
    links: new Map(),
    serverLink: cleanLink(2),
    dev,
    paths,
    refusingUrl: recorder.refusingUrl,
    silentUrl: recorder.silentUrl,
    page: (id) => boothOf(booths, id).page,
    link: (id) => boothOf(booths, id).link,
    now: () => Date.now() - zeroMs,
    until: (atMs) => new Promise((resolve) => setTimeout(resolve, atMs - (Date.now() - zeroMs))),
    cutPresence(id, isCut) {
      boothOf(booths, id).isCut = isCut
    },
    recorded: () => [...booths.values()].map(({ id, connections, ticks }) => ({ id, connections, ticks })),
    async close() {
      // A context whose page crashed may never be done closing.
      await Promise.race([
        Promise.all([...booths.values()].map(({ page }) => page.context().close().catch(ignoreCrashed))),
        new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS)),
      ])
      await dev?.close()
      network.close()
      await recorder.close()
    },
  }
  try {
    for (const id of ids) booths.set(id, await openBooth(studio, plan, id))
    await Promise.all(
      ids.map((id) => {
        const spec: PageSpec = {
          id,
          recorder: recorder.url,
          hasTransforms: plan.hasTransforms ?? false,
          ...(plan.configuration ? { configuration: plan.configuration } : {}),
        }
        return stage.page(id).evaluate((given) => window.corpus.start(given), spec)
      }),
    )
    if (dev) await connectToServer(stage, network, paths)
    else await connectPairs(stage, network, paths)
    await connected(stage)
    zeroMs = Date.now()
    await Promise.all(ids.map((id) => stage.page(id).evaluate((at) => window.corpus.begin(at), zeroMs)))
    return stage
  } catch (error) {
    await stage.close()
    throw error
  }
}

async function openBooth(studio: Studio, plan: StagePlan, id: string): Promise<Booth> {
  const browser = plan.apart === id ? studio.second : studio.browser
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
  const page = await context.newPage()
  await page.goto(studio.pageUrl)
  await page.waitForFunction(() => window.corpus !== undefined)
  return { id, page, link: cleanLink(), connections: [], ticks: [], isCut: false, socket: null }
}

async function connectPairs(
  stage: Stage,
  network: Network,
  paths: { between: readonly [string, string]; path: Path }[],
): Promise<void> {
  for (const [at, caller] of stage.ids.entries())
    for (const callee of stage.ids.slice(at + 1)) {
      const offer = await stage.page(caller).evaluate((peer) => window.corpus.offerPair(peer), callee)
      const a = addressIn(offer.sdp)
      let b: Address | null = null
      const ends = { a: () => a, b: () => b }
      const path = await network.path(stage.link(caller), stage.link(callee), ends, a.host)
      const answer = await stage
        .page(callee)
        .evaluate(([peer, sdp]) => window.corpus.answerPair(peer, sdp), [
          caller,
          withAddress(offer.sdp, path.forB),
        ] as const)
      b = addressIn(answer.sdp)
      await stage
        .page(caller)
        .evaluate(([pc, sdp]) => window.corpus.accept(pc, sdp), [
          offer.pc,
          withAddress(answer.sdp, path.forA),
        ] as const)
      paths.push({ between: [caller, callee], path })
    }
}

async function connectToServer(
  stage: Stage,
  network: Network,
  paths: { between: readonly [string, string]; path: Path }[],
): Promise<void> {
  const base = stage.dev?.sfus[0]?.url ?? ''
  const join = async (id: string, kind: 'whip' | 'whep', peer: string): Promise<void> => {
    const page = stage.page(id)
    const offer = await (kind === 'whip'
      ? page.evaluate(() => window.corpus.offerPublish())
      : page.evaluate((one) => window.corpus.offerSubscribe(one), peer))
    const response = await fetch(`${base}/${kind}/corpus/${peer}`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: withoutCandidates(offer.sdp),
    })
    if (!response.ok) throw new Error(`${kind}: ${response.status}`)
    const sdp = await response.text()
    const a = addressIn(offer.sdp)
    const b = addressIn(sdp)
    const path = await network.path(stage.link(id), stage.serverLink, { a: () => a, b: () => b }, a.host)
    await page.evaluate(([pc, answer]) => window.corpus.accept(pc, answer), [
      offer.pc,
      withAddress(sdp, path.forA),
    ] as const)
    paths.push({ between: [id, 'sfu'], path })
  }
  const events = `${base.replace('http', 'ws')}/events/corpus`
  await Promise.all(stage.ids.map((id) => stage.page(id).evaluate((url) => window.corpus.watch(url), events)))
  await Promise.all(stage.ids.map((id) => join(id, 'whip', id)))
  await Promise.all(
    stage.ids.flatMap((id) => stage.ids.filter((peer) => peer !== id).map((peer) => join(id, 'whep', peer))),
  )
}

async function connected(stage: Stage): Promise<void> {
  const startedAt = performance.now()
  for (const id of stage.ids)
    while (!(await stage.page(id).evaluate((peers) => window.corpus.isLive(peers), stage.ids.length - 1))) {
      if (performance.now() - startedAt > CONNECT_LIMIT_MS) throw new Error(`${id} does not connect`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
}

/** Receives ticks and carries presence between the pages. */
async function startRecorderServer(booths: ReadonlyMap<string, Booth>): Promise<{
  readonly url: string
  readonly refusingUrl: string
  readonly silentUrl: string
  close(): Promise<void>
}> {
  const { createServer } = await import('node:http')
  const server = createServer((request, response) => {
    if (request.url === '/silence') return
    response.writeHead(401, { 'access-control-allow-origin': '*' }).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data))
      const booth = booths.get(message.from)
      if (!booth) return
      booth.socket = socket
      if (message.type === 'tick') booth.ticks.push(message.tick)
      else if (message.type === 'connection') booth.connections.push(message.connection)
      else if (!booth.isCut)
        for (const other of booths.values())
          if (other !== booth && !other.isCut) other.socket?.send(String(data))
    })
  })
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `ws://${at}`,
    refusingUrl: `http://${at}/whip`,
    silentUrl: `http://${at}/silence`,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate()
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function boothOf(booths: ReadonlyMap<string, Booth>, id: string): Booth {
  const booth = booths.get(id)
  if (!booth) throw new Error(`nobody is called ${id}`)
  return booth
}

/** The end that a description offers: its first UDP candidate of IPv4, relayed ones first. */
function addressIn(sdp: string): Address {
  const candidates = [...sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ (\w+)/gim)]
  const best = candidates.find((one) => one[3] === 'relay') ?? candidates[0]
  if (!best) throw new Error('no candidate')
  return { host: best[1] ?? '', port: Number(best[2]) }
}

function withoutCandidates(sdp: string): string {
  return sdp.replace(/^a=candidate:.*\r\n/gm, '').replace(/^a=end-of-candidates\r\n/gm, '')
}

/** One candidate that leads to the network of this stage, in every section. */
function withAddress(sdp: string, address: Address): string {
  const line = `a=candidate:1 1 udp 2113937151 ${address.host} ${address.port} typ host\r\n`
  return withoutCandidates(sdp).replace(/^(a=ice-pwd:.*\r\n)/gm, `$1${line}`)
}

/** A context whose page crashed may refuse to close politely. */
function ignoreCrashed(): undefined {
  return undefined
}
