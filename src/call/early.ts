/**
 * What `join()` begins with while the document still opens: the first choice is dialled, without any media of
 * ours. The pool takes that connection over when the call turns out to be there, and it is given up when not
 * (protocol rule 13). Only where participants are told through the directory: other providers would show us to
 * the others before the call knows who we are.
 */
import { HoldfastError } from '../errors.js'
import type { Json } from '../json.js'
import type { Connection, Directory, JoinRequest, Provider, RoomChannel } from '../providers/provider.js'
import type { ResolvedOptions } from './options.js'

/** A connection under way that nobody has asked for yet. */
export interface EarlyConnect {
  /** Connects: hands over what is under way if it is to this provider, else dials anew. */
  connect(provider: Provider, request: JoinRequest): Promise<Connection>
  /** Gives up what nobody took over. */
  drop(): void
}

/** What is known before the document is open. */
export type EarlyRequest = Pick<JoinRequest, 'room' | 'peer' | 'name' | 'token' | 'iceServers'>

/** Nobody knows yet how many are there: enough for a small call, little work in vain for one person alone. */
const EXPECTED_PEERS = 2

/** Dials what this participant would choose first, if that can be done before the document is open. */
export function dialFirstChoice({ providers, ...options }: ResolvedOptions): EarlyConnect | null {
  const [first] = providers
  const { room, me, iceServers } = options
  const token = (): Promise<string | undefined> => options.token(first?.id ?? '')
  return connectEarly(first, { room, peer: me.id, name: me.name, token, iceServers })
}

/** Dials `provider`; null where that has to wait for the document. */
export function connectEarly(provider: Provider | undefined, request: EarlyRequest): EarlyConnect | null {
  if (provider === undefined || provider.capabilities.identity !== 'control-plane') return null
  const ending = new AbortController()
  const directory = createLateDirectory()
  let isWaiting = true
  let opening: Connection | null = null
  let onOpening: JoinRequest['onOpening']
  const connecting = provider.connect({
    ...request,
    session: crypto.randomUUID(),
    tracks: [],
    directory,
    channel: NO_CHANNEL,
    signal: ending.signal,
    expectedPeers: () => EXPECTED_PEERS,
    onOpening(connection) {
      opening = connection
      onOpening?.(connection)
    },
  })
  connecting.catch(reportedByTaker)
  return {
    async connect(wanted, join) {
      if (!isWaiting || wanted !== provider) return wanted.connect(join)
      isWaiting = false
      const end = (): void => ending.abort(join.signal.reason)
      join.signal.addEventListener('abort', end, { once: true })
      directory.bind(join.directory)
      onOpening = join.onOpening
      if (opening !== null) onOpening?.(opening)
      const connection = await connecting
      join.signal.removeEventListener('abort', end)
      if (join.tracks.length > 0) await connection.publish(join.tracks)
      return connection
    },
    drop() {
      if (!isWaiting) return
      isWaiting = false
      ending.abort(new HoldfastError('closed'))
      connecting.then((connection) => connection.leave()).catch(reportedByTaker)
    },
  }
}

const NO_CHANNEL: RoomChannel = { isOpen: false, send: () => undefined, subscribe: () => () => undefined }

/** A notice board that is hung up later: what was announced before is shown then. */
function createLateDirectory(): Directory & { bind(board: Directory): void } {
  const listeners = new Set<() => void>()
  let board: Directory | null = null
  let early: Json | null = null
  let unsubscribe: () => void = () => undefined
  const tell = (): void => {
    for (const listener of [...listeners]) listener()
  }
  return {
    announce(entry) {
      if (board === null) early = entry
      else board.announce(entry)
    },
    entries: () => board?.entries() ?? new Map<string, Json>(),
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) unsubscribe()
      }
    },
    bind(next) {
      board = next
      if (early !== null) next.announce(early)
      unsubscribe = next.subscribe(tell)
      tell()
    },
  }
}

function reportedByTaker(): void {
  // Whoever takes the connection over awaits the same promise; one that was given up has nobody to tell.
}
