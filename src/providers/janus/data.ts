/**
 * Data channels through the videoroom. We publish one on our sending peer connection; those of the others come on a
 * peer connection of their own, opened when somebody has one, so that nothing about data can disturb media. Janus
 * opens a channel there for each publisher, labelled with the id of the feed.
 */
import { HoldfastError } from '../../errors.js'
import type { ConnectionCore } from '../connection-core.js'
import { type FeedId, type PublisherInfo, readOwner } from './messages.js'
import type { FeedStream } from './roster.js'
import { createSubscriptions, type Subscriptions } from './subscriptions.js'
import type { Handle, Wire } from './wire.js'

/** The data side of a connection. */
export interface JanusData {
  /** Takes Janus's list of publishers, or of those who changed. */
  update(publishers: readonly PublisherInfo[]): void
  /** A publisher is gone. */
  remove(feed: FeedId): void
  send(bytes: Uint8Array): Promise<void>
}

/** What {@link createData} needs. */
export interface DataOptions {
  readonly core: ConnectionCore
  readonly sending: RTCPeerConnection
  readonly openReceiving: () => RTCPeerConnection
  readonly wire: () => Wire | null
  /** The body of the first request of a subscriber, without its streams. */
  readonly join: () => object
  readonly peer: string
}

/** Safe in one message between all browsers and through Janus. */
export const DATA_MAX_BYTES = 16_384

/** Opens our channel; call it before the first offer, which has to have a line for it. */
export function createData(options: DataOptions): JanusData {
  const { core } = options
  const channel = options.sending.createDataChannel(LABEL)
  const streams = new Map<FeedId, FeedStream>()
  const owners = new Map<string, string>()
  const ownerOf = (label: string): string | undefined => owners.get(label)
  let receiving: Promise<Subscriptions | null> | null = null
  const follow = async (): Promise<void> => {
    receiving ??= receive(options, ownerOf)
    const subscriptions = await receiving
    if (!core.scope.aborted) void subscriptions?.want([...streams.values()])
  }
  return {
    update(publishers) {
      const before = streams.size
      for (const { id, display, streams: all } of publishers) {
        const owner = readOwner(display)
        const line = all?.find(({ type, disabled }) => type === 'data' && disabled !== true)
        // Our participant's other connections are no others.
        if (!owner || owner.peer === options.peer || !line || streams.size >= FEEDS_MAX) continue
        streams.set(id, { feed: id, mid: line.mid, source: 'screen', isActive: true })
        owners.set(String(id), owner.peer)
      }
      if (streams.size > before) void follow()
    },
    remove(feed) {
      owners.delete(String(feed))
      if (streams.delete(feed)) void follow()
    },
    async send(bytes) {
      if (bytes.byteLength > DATA_MAX_BYTES)
        throw new HoldfastError('provider-unsupported', { details: { maxBytes: DATA_MAX_BYTES } })
      if (channel.readyState !== 'open' || channel.bufferedAmount > BUFFERED_MAX_BYTES)
        throw new HoldfastError('provider-network')
      // A copy of its own: a view into a larger or shared buffer is refused by some browsers.
      channel.send(bytes.slice())
    },
  }
}

/** Null when Janus does not let us: media goes on without data. */
async function receive(
  options: DataOptions,
  ownerOf: (label: string) => string | undefined,
): Promise<Subscriptions | null> {
  const { core } = options
  const pc = options.openReceiving()
  // Without a channel of our own nothing starts, and Janus opens none.
  pc.createDataChannel(LABEL)
  pc.addEventListener('datachannel', ({ channel }) => deliverFrom(channel, ownerOf, core), {
    signal: core.scope,
  })
  let subscriptions: Subscriptions | null = null
  try {
    const handle: Handle | undefined = await options.wire()?.attach((message) => {
      if (message.janus === 'event') subscriptions?.handleEvent(message)
    })
    if (handle === undefined) return null
    subscriptions = createSubscriptions({
      handle,
      pc,
      scope: core.scope,
      join: options.join(),
      onChange: ignore,
      onBroken: ignore,
    })
    return subscriptions
  } catch {
    // The provider is failing, which the media connections notice by themselves.
    return null
  }
}

function deliverFrom(
  channel: RTCDataChannel,
  ownerOf: (label: string) => string | undefined,
  core: ConnectionCore,
): void {
  channel.binaryType = 'arraybuffer'
  channel.addEventListener(
    'message',
    ({ data }: MessageEvent<unknown>) => {
      const from = ownerOf(channel.label)
      if (from !== undefined && data instanceof ArrayBuffer) core.deliver(from, new Uint8Array(data))
    },
    { signal: core.scope },
  )
}

/** Data is no reason to give up media. */
const ignore = (): void => undefined
const LABEL = 'holdfast'
/** As in the roster. */
const FEEDS_MAX = 64
/** Beyond it the server does not take what we send. */
const BUFFERED_MAX_BYTES = 1024 * 1024
