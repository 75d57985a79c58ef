/**
 * One Janus connection: a socket, a feed of ours, and all the others on one receiving peer connection. The
 * offer, the token and the socket are made side by side; receiving starts while our own feed still connects.
 */
import type { Clock } from '../../clock.js'
import { type ConnectionCore, connectionOf, createConnectionCore } from '../connection-core.js'
import {
  bundledConfiguration,
  followSending,
  iceSignal,
  type PeerConnectionFactory,
  watchState,
} from '../peer-connection.js'
import type { Connection, JoinRequest, LocalTrack, PeerConnectionEntry, TrackSource } from '../provider.js'
import { createData, type JanusData } from './data.js'
import { type JanusMessage, type RoomEvent, writeOwner } from './messages.js'
import { createPeople } from './people.js'
import { createPublisher, type Publisher } from './publisher.js'
import { createRoster, type FeedRoster, type FeedStream } from './roster.js'
import type { JanusSettings } from './settings.js'
import { createSubscriptions, type Subscriptions } from './subscriptions.js'
import { type Handle, openWire, type Wire } from './wire.js'

/** What {@link startConnection} needs beside the join request. */
export interface ConnectionParts {
  readonly settings: JanusSettings
  readonly clock: Clock
  readonly openPeerConnection: PeerConnectionFactory
  readonly openSocket: (url: string, protocol: string) => WebSocket
}

/** Janus refuses a socket without its subprotocol. */
const SUBPROTOCOL = 'janus-protocol'

/** Connects; rejects when publishing cannot be had or the scope aborts. */
export async function startConnection(
  parts: ConnectionParts,
  join: JoinRequest,
  scope: AbortSignal,
): Promise<Connection> {
  const { settings, clock } = parts
  const pcs: RTCPeerConnection[] = []
  const held: { wire: Wire | null } = { wire: null }
  const core = createConnectionCore({
    clock,
    release: async () => {
      // The goodbye first: closing a peer connection takes a moment, and the page may be going away.
      const goodbye = held.wire?.close()
      for (const pc of pcs) pc.close()
      await goodbye
    },
  })
  const giveUp = (): void => void core.leave()
  scope.addEventListener('abort', giveUp, { once: true })
  const openPc = (): RTCPeerConnection => {
    const pc = parts.openPeerConnection(bundledConfiguration(join))
    pcs.push(pc)
    return pc
  }
  try {
    const sending = openPc()
    const receiving = openPc()
    const room = settings.roomOf(join.room)
    const { tracks } = join
    let access: object = {}
    const data = createData({
      core,
      sending,
      openReceiving: openPc,
      peer: join.peer,
      wire: () => held.wire,
      join: () => access,
    })
    const publisher = createPublisher({ pc: sending, tracks, settings, room, clock, scope: core.scope })
    watchStates(core, sending, receiving)
    const token = join.token()
    const wire = await openWire(
      {
        clock,
        openSocket: () => parts.openSocket(settings.url, SUBPROTOCOL),
        token: () => token,
        onSignal: (signal) => core.signal(signal),
        onLost: () => core.toState('failed', { reason: 'signaling' }),
      },
      core.scope,
    )
    held.wire = wire
    if (core.scope.aborted) await wire.close()
    scope.throwIfAborted()
    const secret = await token
    access = {
      room,
      ...(settings.pin === null ? {} : { pin: settings.pin }),
      token: secret,
    }
    const entered = await enter({ core, clock, wire, publisher, receiving, access, join, data })
    await publisher.connected()
    scope.throwIfAborted()
    core.toState('connected')
    return assemble(core, publisher, entered, wire, data, [
      { id: 'send', pc: sending, role: 'send', peer: null },
      { id: 'recv', pc: receiving, role: 'recv', peer: null },
    ])
  } catch (error) {
    giveUp()
    throw error
  } finally {
    scope.removeEventListener('abort', giveUp)
  }
}

interface Entry {
  readonly core: ConnectionCore
  readonly clock: Clock
  readonly wire: Wire
  readonly publisher: Publisher
  readonly receiving: RTCPeerConnection
  readonly access: object
  readonly join: JoinRequest
  readonly data: JanusData
}

/** The receiving side of a connection. */
interface Entered {
  readonly subscriptions: Subscriptions
  resubscribe(peer: string): Promise<void>
}

/** Attaches both handles, joins with our offer and starts to follow the others. */
async function enter(entry: Entry): Promise<Entered> {
  const { core, clock, wire, publisher, receiving, access, join, data } = entry
  const roster = createRoster(join.peer)
  const follow = (): void => {
    if (!core.scope.aborted) void subscriptions?.want(people.update(subscriptions.received))
  }
  const people = createPeople(core, roster, clock, follow)
  let subscriptions: Subscriptions | null = null
  const receiveHandle = wire.attach((message) => {
    handleHandleEvent(core, message)
    if (message.janus === 'event') subscriptions?.handleEvent(message)
  })
  const tell = (messages: readonly JanusMessage[]): void => {
    for (const message of messages) handlePublisherEvent(core, roster, data, message)
    follow()
  }
  // What is told while Janus's answer is being applied comes after the list in it: who has left meanwhile would be
  // listed for ever, and Janus refuses every request that names somebody who is not there.
  let early: JanusMessage[] = []
  let isListed = false
  const attach = (): Promise<Handle> => {
    const own: JanusMessage[] = []
    early = own
    return wire.attach((message) => {
      // The end of a spent handle is no news.
      if (own !== early) return
      if (isListed) tell([message])
      else own.push(message)
    })
  }
  const display = writeOwner({ peer: join.peer, session: join.session, at: clock.wallNow() })
  const [joined, receiver] = await Promise.all([publisher.join(attach, { ...access, display }), receiveHandle])
  subscriptions = createSubscriptions({
    handle: receiver,
    pc: receiving,
    scope: core.scope,
    // What is undefined stays out of the JSON.
    join: { ...access, private_id: joined.plugindata?.data.private_id },
    onChange: follow,
    onBroken: (cause) => core.toState('failed', { reason: 'server', cause }),
  })
  tell([joined, ...early])
  isListed = true
  const entered = subscriptions
  return {
    subscriptions,
    async resubscribe(peer) {
      const isKept = ({ feed }: FeedStream): boolean => roster.get(feed)?.peer !== peer
      // What is dropped is a change, and after each change everything that is missing is asked for again.
      await entered.want(people.update(entered.received).filter(isKept))
      follow()
    },
  }
}

function handlePublisherEvent(
  core: ConnectionCore,
  roster: FeedRoster,
  data: JanusData,
  message: JanusMessage,
): void {
  handleHandleEvent(core, message)
  const event: RoomEvent | undefined = message.plugindata?.data
  if (!event) return
  for (const one of [roster, data]) {
    one.update(event.publishers ?? [])
    for (const gone of [event.unpublished, event.leaving]) if (gone !== undefined) one.remove(gone)
  }
  if (event.leaving === 'ok' && event.reason === 'kicked') core.end('kicked')
  if (event.videoroom === 'destroyed') core.end('room-ended')
}

/** What Janus's core says of a handle: only its end matters here. */
function handleHandleEvent(core: ConnectionCore, message: JanusMessage): void {
  if (message.janus === 'hangup') core.toState('failed', { reason: 'ice' })
  if (message.janus === 'detached') core.toState('failed', { reason: 'server' })
}

function watchStates(core: ConnectionCore, sending: RTCPeerConnection, receiving: RTCPeerConnection): void {
  watchState(receiving, core.scope, (state) => core.signal(iceSignal('recv', state)))
  watchState(sending, core.scope, (state) => {
    core.signal(iceSignal('send', state))
    followSending(core, state)
  })
}

function assemble(
  core: ConnectionCore,
  publisher: Publisher,
  { subscriptions, resubscribe }: Entered,
  wire: Wire,
  data: JanusData,
  entries: readonly PeerConnectionEntry[],
): Connection {
  return connectionOf(core, {
    publish: (tracks: readonly LocalTrack[]) => publisher.publish(tracks),
    probe: (limitMs: number) => wire.probe(limitMs),
    // Everybody in the room hears it: Janus addresses nobody.
    send: (bytes: Uint8Array) => data.send(bytes),
    resubscribe,
    requestKeyFrame: (source: string) => publisher.requestKeyFrame(source),
    setSendCap: (source: TrackSource, maxBps: number | null) => publisher.setSendCap(source, maxBps),
    async restartIce() {
      await Promise.all([publisher.restartIce(), subscriptions.restartIce()])
    },
    peerConnections: () => (core.scope.aborted ? [] : entries),
  })
}
