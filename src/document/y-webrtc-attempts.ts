/**
 * The connections of one y-webrtc room, each with its attempt id and age, which y-webrtc does not keep. New
 * ones are noticed where y-webrtc stores them, and what they receive is checked before it is decoded.
 */
import type { Clock } from '../clock.js'
import type { AttemptFacts } from './offerer.js'
import type { Reject } from './rejections.js'

/** The parts of y-webrtc's room that are used. */
export interface StockRoom {
  readonly peerId: string
  readonly webrtcConns: Map<string, StockConn>
  bcconnected: boolean
  connect(): void
  _bcSubscriber: () => Promise<void>
  _beforeUnloadHandler: () => void
}

/** The parts of y-webrtc's connection that are used. */
export interface StockConn {
  connected: boolean
  closed: boolean
  readonly peer: {
    listeners(name: string): ((value: Uint8Array) => void)[]
    removeAllListeners(name?: string): void
    on(name: string, listener: (value: Uint8Array) => void): void
    destroy(): void
  }
}

/** All connections of a room. */
export interface Attempts {
  readonly ids: readonly string[]
  readonly linked: readonly string[]
  facts(id: string): AttemptFacts | null
  /** Gives a connection up without telling anybody. */
  drop(id: string): void
  /** Runs `task`; a connection that begins meanwhile belongs to this attempt of its offerer. */
  during(attempt: string | null, task: () => void): void
}

/** What {@link createAttempts} needs. */
export interface AttemptsOptions {
  readonly room: StockRoom
  readonly clock: Clock
  /** A connection was opened or closed. */
  readonly onChange: () => void
  readonly reject: Reject
}

/** Starts watching a room that has no connections yet. */
export function createAttempts(options: AttemptsOptions): Attempts {
  const { room, clock, onChange } = options
  const conns = room.webrtcConns
  const births = new Map<StockConn, { readonly attempt: string; sinceMs: number }>()
  let offered: string | null = null

  const set = conns.set.bind(conns)
  conns.set = (id, conn) => {
    const birth = { attempt: offered ?? randomId(), sinceMs: clock.now() }
    births.set(conn, birth)
    guard(conn, options.reject)
    conn.peer.on('connect', () => {
      birth.sinceMs = clock.now()
      onChange()
    })
    conn.peer.on('close', () => {
      births.delete(conn)
      onChange()
    })
    return set(id, conn)
  }
  return {
    get ids() {
      return [...conns.keys()]
    },
    get linked() {
      return [...conns].filter(([, conn]) => conn.connected).map(([id]) => id)
    },
    facts(id) {
      const conn = conns.get(id)
      const birth = conn && births.get(conn)
      if (!conn || !birth) return null
      return { isConnected: conn.connected, attempt: birth.attempt, ageMs: clock.now() - birth.sinceMs }
    },
    drop(id) {
      const conn = conns.get(id)
      if (!conn) return
      conns.delete(id)
      births.delete(conn)
      // Its own close handler would delete the successor's entry and announce.
      conn.peer.removeAllListeners()
      conn.peer.on('error', () => undefined)
      conn.connected = false
      conn.closed = true
      conn.peer.destroy()
      onChange()
    },
    during(attempt, task) {
      offered = attempt
      try {
        task()
      } finally {
        offered = null
      }
    },
  }
}

/** Malformed data makes the decoder throw inside an event handler, where nobody would catch it. */
function guard(conn: StockConn, reject: Reject): void {
  const stock = conn.peer.listeners('data')
  conn.peer.removeAllListeners('data')
  conn.peer.on('data', (data) => {
    if (!MESSAGE_KINDS.has(data[0] ?? -1)) {
      reject('signaling-garbage', 'data-channel')
      return
    }
    try {
      for (const listener of stock) listener(data)
    } catch {
      // Half a message or a broken one: nothing of it is used.
      reject('signaling-garbage', 'data-channel')
    }
  })
}

function randomId(): string {
  return Math.random().toString(36).slice(2, 14) || '-'
}

/** Sync, awareness, awareness query; y-webrtc answers others with an empty message and prints to the console. */
const MESSAGE_KINDS = new Set([0, 1, 3])
