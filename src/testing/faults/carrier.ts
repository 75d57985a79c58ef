/**
 * A provider seen through faults: the adapter is the real one, and around it connecting can be refused or hang,
 * a connection can be told to be over, and messages through it can be lost.
 */
import { HoldfastError } from '../../errors.js'
import type {
  Connection,
  ConnectionEvents,
  ConnectionStatus,
  JoinRequest,
  Provider,
} from '../../providers/provider.js'

/** How connecting to a provider goes wrong; null: it does not. */
export type Refusal = 'auth' | 'server' | 'hang' | null

/** Live connections and what can be done to them. */
export interface Carrier {
  wrap(provider: Provider): Provider
  /** Connections that are up, the newest first: an older one is only kept until the other is shown. Of one provider if named. */
  connections(provider?: string): readonly Connection[]
  /** The provider whose media is shown; null without any. */
  busiest(): string | null
  /** From now on connecting to the provider goes wrong in this way. */
  refuse(provider: string, refusal: Refusal): void
  /** Ends the provider's connections as its server would, with this reason. */
  end(provider: string, reason: 'token-expired' | 'server'): void
  /** Messages between participants through providers are lost while set. */
  isDataLost: boolean
}

interface Held {
  readonly provider: string
  readonly connection: Connection
  ended: ConnectionStatus | null
  readonly onStatus: Set<(status: ConnectionStatus) => void>
  readonly onSignal: Set<(signal: ConnectionEvents['signal']) => void>
}

interface State {
  readonly held: Set<Held>
  readonly refusals: Map<string, Refusal>
  /** Tokens that were shown to a provider, by its id; a refused one is refused again. */
  readonly shown: Map<string, Set<string | undefined>>
  readonly spent: Map<string, ReadonlySet<string | undefined>>
  isDataLost: boolean
}

/** Makes one. */
export function createCarrier(): Carrier {
  const state: State = {
    held: new Set(),
    refusals: new Map(),
    shown: new Map(),
    spent: new Map(),
    isDataLost: false,
  }
  return {
    wrap: (provider) => ({ ...provider, connect: (join) => connect(state, provider, join) }),
    connections: (provider) =>
      [...state.held]
        .filter((one) => one.ended === null && one.connection.status.state === 'connected')
        .filter((one) => provider === undefined || one.provider === provider)
        .map((one) => one.connection)
        .toReversed(),
    busiest() {
      const up = [...state.held].filter((one) => one.ended === null)
      const shows = ({ connection }: Held): boolean =>
        [...connection.tracks.values()].some(({ track }) => !track.muted)
      return (up.find(shows) ?? up[0])?.provider ?? null
    },
    refuse(provider, refusal) {
      state.refusals.set(provider, refusal)
      state.spent.set(provider, new Set(state.shown.get(provider)))
    },
    end(provider, reason) {
      for (const held of state.held) if (held.provider === provider) end(held, reason)
    },
    get isDataLost() {
      return state.isDataLost
    },
    set isDataLost(isLost) {
      state.isDataLost = isLost
    },
  }
}

async function connect(state: State, provider: Provider, join: JoinRequest): Promise<Connection> {
  const token = async (): Promise<string | undefined> => {
    const value = await join.token()
    const shown = state.shown.get(provider.id) ?? new Set()
    state.shown.set(provider.id, shown.add(value))
    return value
  }
  const refusal = state.refusals.get(provider.id) ?? null
  if (refusal === 'server') throw new HoldfastError('provider-network', { message: 'Broken on purpose.' })
  if (refusal === 'hang') return new Promise((_, reject) => whenAborted(join.signal, reject))
  if (refusal === 'auth') {
    const value = await token()
    if (value === undefined || state.spent.get(provider.id)?.has(value))
      throw new HoldfastError('provider-token-expired', { message: 'Refused on purpose.' })
  }
  const seen = new Map<Connection, Connection>()
  const around = (connection: Connection): Connection => {
    const wrapped = seen.get(connection) ?? surround(state, provider.id, connection)
    seen.set(connection, wrapped)
    return wrapped
  }
  const { onOpening } = join
  const opening = onOpening ? { onOpening: (early: Connection) => onOpening(around(early)) } : {}
  return around(await provider.connect({ ...join, ...opening, token }))
}

function surround(state: State, provider: string, connection: Connection): Connection {
  const held: Held = { provider, connection, ended: null, onStatus: new Set(), onSignal: new Set() }
  state.held.add(held)
  connection.on('status', ({ state: next }) => {
    if (next === 'closed') state.held.delete(held)
  })
  const on: Connection['on'] = (name, listener) => {
    const heard = (event: ConnectionEvents[typeof name]): void => {
      const isLost = name === 'data' && state.isDataLost
      const isOver = held.ended !== null && connection.status.state !== 'closed'
      // A server that refuses a token is well and answers; a server that is out does not.
      const isTold = isOver && (name === 'status' || (name === 'signal' && held.ended?.reason === 'server'))
      if (!isLost && !isTold) listener(event as never)
    }
    const own: Set<never> = (name === 'status' ? held.onStatus : held.onSignal) as never
    if (name === 'status' || name === 'signal') own.add(listener as never)
    const off = connection.on(name, heard)
    return () => {
      own.delete(listener as never)
      off()
    }
  }
  const send =
    connection.send &&
    ((...message: Parameters<NonNullable<Connection['send']>>) =>
      state.isDataLost ? Promise.resolve() : (connection.send?.(...message) ?? Promise.resolve()))
  return new Proxy(connection, {
    get(target, key) {
      if (key === 'on') return on
      if (key === 'send') return send
      if (key === 'probe' && held.ended?.reason === 'server') return () => Promise.resolve(false)
      if (key === 'status')
        return target.status.state === 'closed' ? target.status : (held.ended ?? target.status)
      return Reflect.get(target, key)
    },
  })
}

function end(held: Held, reason: 'token-expired' | 'server'): void {
  if (held.ended !== null) return
  held.ended = { state: 'failed', reason, isRecoverable: false }
  for (const { pc } of held.connection.peerConnections?.() ?? []) pc.close()
  if (reason === 'server') for (const listener of [...held.onSignal]) listener({ type: 'socket-closed' })
  for (const listener of [...held.onStatus]) listener(held.ended)
}

function whenAborted(signal: AbortSignal, reject: (reason: unknown) => void): void {
  if (signal.aborted) reject(signal.reason)
  else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
}
