/** The hands of recovery on real WebRTC: two participants of a mesh in one page, and what each strategy changes. */
import { systemClock } from '../../src/clock.js'
import type { Json } from '../../src/json.js'
import { mesh } from '../../src/providers/mesh.js'
import type { LocalTrack } from '../../src/providers/provider.js'
import type { Target } from '../../src/recovery/strategy.js'
import { createHands, type Hands, type RunResult } from '../../src/repair/hands.js'
import type { HandsWorld } from '../../src/repair/world.js'
import { openRoom, type Participant } from '../../src/testing/room.js'
import { pageSetup } from './compliance-page.js'

/** What ada receives of bea. */
export interface Picture {
  readonly width: number
  readonly keyFrames: number
  readonly codec: string
  readonly bytes: number
}

/** A step of the story: what was run, how it ended, and the picture then. */
export interface HandsStep {
  readonly run: string
  readonly result: RunResult | null
  readonly picture: Picture
}

declare global {
  interface Window {
    /** Runs the receiving strategies at ada, or the sending ones at bea. */
    runHands?: (side: 'receiving' | 'sending') => Promise<readonly HandsStep[]>
    /** Connects two over TURN alone; resolves to the types of candidates in use. */
    connectRelayed?: (iceServers: RTCIceServer[]) => Promise<readonly string[]>
  }
}

type Listener = (from: string, message: Json) => void

window.runHands = async (side) => {
  const setup = { ...pageSetup(), title: 'mesh', provider: () => mesh(), limits: { eventMs: 8_000 } }
  const room = await openRoom(setup)
  const camera = room.track('camera', 2)
  const ada = await room.join('ada')
  const bea = await room.join('bea', { tracks: [camera] })
  await room.untilShown(ada, 'bea', ['camera'])
  const wires = new Map<string, Listener>()
  const over = new Set<string>()
  const adas = createHands(worldOf({ at: ada, own: [], others: { bea: ['camera'] }, wires, over }))
  const beas = createHands(worldOf({ at: bea, own: [camera], others: {}, wires, over }))
  await until(async () => (await pictureAt(ada)).keyFrames > 0 && (await pictureAt(ada)).width > 0)
  const steps: HandsStep[] = []
  const note = async (run: string, result: RunResult | null): Promise<void> => {
    steps.push({ run, result, picture: await pictureAt(ada) })
  }
  await note('nothing', null)
  if (side === 'receiving')
    for (const run of ['key-frame', 'codec-change', 'rebuild-receive'])
      await note(run, await runAt(adas, run, { peer: 'bea', media: 'video', kind: 'frame-corruption' }))
  else await runLadder(beas, ada, over, note)
  for (const hands of [adas, beas]) hands.close()
  await room.close()
  await setup.reset()
  return steps
}

/** Down until the picture is half as wide, which ends the incident, then up again. */
async function runLadder(
  beas: Hands,
  ada: Participant,
  over: Set<string>,
  note: (run: string, result: RunResult | null) => Promise<void>,
): Promise<void> {
  const { width } = await pictureAt(ada)
  const isSmaller = until(async () => (await pictureAt(ada)).width <= width / 2).then(() => over.add('i1'))
  await note('quality-down', await runAt(beas, 'quality-down', { kind: 'quality-degradation' }))
  await isSmaller
  for (let step = beas.look(targetOf({})).qualityStep; step > 0; step -= 1)
    await runAt(beas, 'quality-up', { kind: 'quality-degradation' })
  await until(async () => (await pictureAt(ada)).width === width)
  await note('quality-up', null)
}

window.connectRelayed = async (iceServers) => {
  const setup = {
    ...pageSetup(),
    title: 'mesh',
    provider: () => mesh(),
    iceServers,
    limits: { eventMs: 8_000 },
  }
  const room = await openRoom(setup)
  const relayed = async (peer: string, tracks: readonly LocalTrack[]) =>
    room.providerOf(peer).connect({ ...room.request(peer, { tracks }), iceTransportPolicy: 'relay' })
  const ada = await relayed('ada', [room.track('camera', 1)])
  const bea = await relayed('bea', [])
  await until(async () => bea.tracks.size > 0)
  const types: string[] = []
  for (const { pc } of bea.peerConnections?.() ?? []) {
    const report = await pc.getStats()
    report.forEach((entry: { type: string; candidateType?: string }) => {
      if (entry.type === 'local-candidate') types.push(entry.candidateType ?? '')
    })
  }
  await Promise.all([ada.leave(), bea.leave()])
  await room.close()
  await setup.reset()
  return types
}

function targetOf(facts: Partial<Target>): Target {
  const nobody = { peer: null, media: null, value: null, connectionId: null }
  return { incidentId: 'i1', kind: 'timeout', provider: 'mesh', ...nobody, ...facts }
}

function runAt(hands: Hands, strategy: string, facts: Partial<Target>): Promise<RunResult> {
  return hands.run(strategy, targetOf(facts), new AbortController().signal)
}

interface Seat {
  readonly at: Participant
  readonly own: readonly LocalTrack[]
  readonly others: Readonly<Record<string, readonly string[]>>
  /** Listeners to asks, by participant. */
  readonly wires: Map<string, Listener>
  readonly over: ReadonlySet<string>
}

function worldOf({ at, own, others, wires, over }: Seat): HandsWorld {
  const { connection, peer, provider } = at
  const live = {
    id: 'mesh-1',
    provider: 'mesh',
    connection,
    isRelayOnly: false,
    capabilities: provider.capabilities,
  }
  const unused = (): never => {
    throw new Error('not part of this test')
  }
  return {
    clock: systemClock(),
    connections: () => [live],
    expected: () => new Map(Object.entries(others)),
    local: { tracks: () => own, isMuted: () => false, replace: unused },
    ...{ wasLost: () => false, hasRelay: false, hasLinks: () => false, reacquire: null },
    ...{ isOver: (incident: string) => over.has(incident), isOnline: () => true },
    ...{ replaceConnection: unused, switchProvider: unused, renewToken: unused, rebuildLinks: unused },
    ...{ askUser: unused, onQuality: () => undefined, onReacquired: unused, onPlugged: () => undefined },
    asks: {
      send: (to, message) => wires.get(to)?.(peer, message),
      subscribe(listener) {
        wires.set(peer, listener)
        return () => wires.delete(peer)
      },
    },
  }
}

async function pictureAt({ connection }: Participant): Promise<Picture> {
  for (const { peer, receiver } of connection.tracks.values()) {
    if (peer !== 'bea' || receiver === undefined) continue
    const report = await receiver.getStats()
    const inbound = [...report.values()].find(({ type }) => type === 'inbound-rtp')
    return {
      width: inbound?.frameWidth ?? 0,
      keyFrames: inbound?.keyFramesDecoded ?? 0,
      codec: report.get(inbound?.codecId ?? '')?.mimeType ?? '',
      bytes: inbound?.bytesReceived ?? 0,
    }
  }
  return { width: 0, keyFrames: 0, codec: '', bytes: 0 }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
}

const LOOK_EVERY_MS = 50
