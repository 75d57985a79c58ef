/** The mesh's connection: turns links of the roster into peers, tracks and moments of the contract. */
import type { Clock } from '../../clock.js'
import { HoldfastError } from '../../errors.js'
import type { Announcements } from '../announcements.js'
import { type ConnectionCore, connectionOf, createConnectionCore } from '../connection-core.js'
import type { Connection, JoinRequest, LocalTrack, TrackSource } from '../provider.js'
import { createIceSummary } from './ice-summary.js'
import { createPeerLink, type SimplePeerClass } from './peer-link.js'
import type { RemoteSeat } from './remote-seat.js'
import { createRoster, type Roster } from './roster.js'
import type { WantedTrack } from './slots.js'
import { WIRE_VERSION } from './wire.js'

/** Options of {@link openMesh}. */
export interface MeshConnectionOptions {
  readonly Peer: SimplePeerClass
  readonly join: JoinRequest
  /** Aborts when the attempt is given up. */
  readonly scope: AbortSignal
  readonly clock: Clock
  readonly announcements: Announcements
  readonly connectTimeoutMs: number
  readonly readyTimeoutMs: number
  readonly dataMaxBytes: number
}

/** What is sent, by source, and caps set from outside. */
interface Outgoing {
  tracks: readonly LocalTrack[]
  readonly caps: Map<TrackSource, number>
}

/** Those who came with the first get this long to be part of the first picture. */
const GRACE_MS = 1_000

/** A second of video; more waiting means that the other side does not take it. */
const BUFFERED_MAX_BYTES = 1_000_000

/** Announces this connection, reaches for everybody listed, resolves when ready (see `mesh.ts`). */
export async function openMesh(options: MeshConnectionOptions): Promise<Connection> {
  const { join, announcements, scope } = options
  const seat = crypto.randomUUID()
  const outgoing: Outgoing = { tracks: join.tracks, caps: new Map() }
  const core = createConnectionCore({
    clock: options.clock,
    release: () => {
      announcements.withdraw(outgoing)
      roster.close()
    },
  })
  const ice = createIceSummary()
  const signalIce = (state: RTCPeerConnectionState | null): void => {
    if (state !== null) core.signal({ type: 'ice', role: 'both', state })
  }
  const roster = createRoster({
    join,
    seat,
    connectTimeoutMs: options.connectTimeoutMs,
    clock: options.clock,
    openLink: (isInitiator, events, published) =>
      createPeerLink({ Peer: options.Peer, isInitiator, ice: join, published, events }),
    wanted: () => wantedOf(outgoing),
    onChange: (changed) => show(core, roster, changed),
    onGone(gone) {
      signalIce(ice.forget(gone.seat))
      show(core, roster, gone, 'left')
    },
    onBytes: (from, bytes) => {
      if (bytes.byteLength <= options.dataMaxBytes) core.deliver(from, bytes)
    },
    onState: (seat, state) => signalIce(ice.set(seat, state)),
  })
  scope.addEventListener('abort', () => void core.leave(), { once: true, signal: core.scope })
  announcements.show(outgoing, join.directory, { v: WIRE_VERSION, seat, session: join.session })
  roster.start()
  await ready(options, roster)
  core.toState('connected')
  return connectionOf(core, methodsOf(options, core, roster, outgoing))
}

function methodsOf(options: MeshConnectionOptions, core: ConnectionCore, roster: Roster, outgoing: Outgoing) {
  const up = (): RemoteSeat[] => roster.seats().filter((seat) => seat.isUp)
  const publishAll = async (): Promise<void> => {
    await Promise.all(roster.seats().map((seat) => seat.publish()))
  }
  return {
    publish: (tracks: readonly LocalTrack[]) => {
      outgoing.tracks = [...tracks]
      return core.scope.aborted ? Promise.resolve() : publishAll()
    },
    probe: async (limitMs: number) => {
      const startedAtMs = options.clock.now()
      const asked = up().map((seat) => seat.probe(limitMs))
      const hasAnswered = asked.length === 0 || (await Promise.all(asked)).includes(true)
      const rttMs = options.clock.now() - startedAtMs
      core.signal(hasAnswered ? { type: 'probe-answered', rttMs } : { type: 'probe-timeout', limitMs })
      return hasAnswered
    },
    send: async (bytes: Uint8Array, to?: string) => {
      if (bytes.byteLength > options.dataMaxBytes)
        throw new HoldfastError('provider-unsupported', { details: { maxBytes: options.dataMaxBytes } })
      // A participant with two connections side by side gets it on the newer one only.
      const newest = new Map(up().map((seat) => [seat.peer, seat]))
      const targets = to === undefined ? [...newest.values()] : [newest.get(to)]
      // One who cannot be reached does not keep it from the others.
      const isSent = targets.map((target) => {
        const isClogged = (target?.link?.bufferedBytes ?? 0) > BUFFERED_MAX_BYTES
        return !isClogged && target?.link?.send(bytes) === true
      })
      if (isSent.includes(false)) throw new HoldfastError('provider-network')
    },
    restartIce: async () => {
      // Every link has been lost already, and is made anew: there is no path that could be another one.
      if (up().length === 0) throw new HoldfastError('provider-network')
      await Promise.all(up().map((seat) => seat.restartIce()))
    },
    resubscribe: async (peer: string) => {
      for (const seat of roster.seats()) if (seat.peer === peer) seat.renew()
    },
    requestKeyFrame: async (idOrSource: string) => {
      for (const seat of up()) {
        const remote = seat.tracks().find(({ id }) => id === idOrSource)
        if (remote) seat.forceRemoteKeyFrame(remote.source)
        await seat.link?.slots.forceKeyFrame(idOrSource as TrackSource)
      }
    },
    setSendCap: (source: TrackSource, maxBps: number | null) => {
      if (maxBps === null) outgoing.caps.delete(source)
      else outgoing.caps.set(source, maxBps)
      return publishAll()
    },
    peerConnections: () =>
      roster
        .seats()
        .flatMap((seat) =>
          seat.link ? [{ id: seat.linkId, pc: seat.link.pc, role: 'both' as const, peer: seat.peer }] : [],
        ),
  }
}

// Brings what the contract shows in line with what one seat shows now.
function show(core: ConnectionCore, roster: Roster, seat: RemoteSeat, reason?: 'left'): void {
  const tracks = seat.tracks()
  const ids = new Set(tracks.map(({ id }) => id))
  for (const shown of [...core.tracks.values()])
    if (shown.id.startsWith(`${seat.seat}.`) && !ids.has(shown.id)) core.endTrack(shown.id)
  const isPresent = roster.seats().some((other) => other.peer === seat.peer && other.isUp)
  core.setPeer(seat.peer, isPresent, isPresent ? undefined : (reason ?? 'ice'))
  for (const { id, source, receiver } of tracks)
    core.addTrack({ id, peer: seat.peer, source, track: receiver.track, receiver })
}

function wantedOf({ tracks, caps }: Outgoing): ReadonlyMap<TrackSource, WantedTrack> {
  return new Map(
    tracks.map(({ source, track, maxBitrateBps }) => [
      source,
      { track, maxBps: caps.get(source) ?? maxBitrateBps ?? null },
    ]),
  )
}

function ready(options: MeshConnectionOptions, roster: Roster): Promise<void> {
  const { clock, scope } = options
  const expected = roster.seats()
  if (expected.length === 0) return Promise.resolve()
  const startedAtMs = clock.now()
  return new Promise((resolve) => {
    let firstUpAtMs: number | null = null
    const look = (): void => {
      const nowMs = clock.now()
      const up = expected.filter((seat) => seat.isUp).length
      if (up > 0) firstUpAtMs ??= nowMs
      const hasWaited =
        nowMs - startedAtMs >= options.readyTimeoutMs ||
        (firstUpAtMs !== null && nowMs - firstUpAtMs >= GRACE_MS)
      if (up === expected.length || hasWaited || scope.aborted) resolve()
      else clock.after(LOOK_INTERVAL_MS, look)
    }
    look()
  })
}

/** Fine enough not to be felt in a join. */
const LOOK_INTERVAL_MS = 20
