/**
 * One WebSocket that comes back: pinged when it is silent, replaced by a second one that is dialled beside it when it
 * does not answer, dialled anew when it closes. After a black hole the old socket would sit in TCP's backoff for as
 * long as the hole lasted; a fresh one is there a second after the heal.
 */
import type { Clock } from '../clock.js'
import { answersKnock } from './server-knock.js'

/** What the user of a connection hears. */
export interface ConnectionListener {
  /** A socket opened; again after each replacement, then something may have been lost. */
  onOpen(): void
  onClose(): void
  onMessage(message: Readonly<Record<string, unknown>>): void
}

/** A connection that is kept up until it is closed. */
export interface KeptConnection {
  readonly isOpen: boolean
  /** When the server last said anything; null before. */
  readonly heardAtMs: number | null
  /** Dropped while no socket is open. */
  send(message: unknown): void
  /** The network may have changed: asks the socket for a sign of life, or dials, without waiting for its turn. */
  check(): void
  close(): void
}

/** Connects and stays connected; `random` in [0, 1) spreads retries. */
export function keepConnected(
  url: string,
  clock: Clock,
  listener: ConnectionListener,
  random: () => number = Math.random,
): KeptConnection {
  let current: WebSocket | null = null
  let heardAtMs = clock.now()
  let hasOpened = false
  let askedAtMs: number | null = null
  let cancelWatch = (): void => undefined

  const isOpen = (): boolean => current?.readyState === WebSocket.OPEN
  const send = (message: unknown): void => {
    if (isOpen()) current?.send(JSON.stringify(message))
  }
  const ask = (): void => {
    askedAtMs ??= clock.now()
    send({ type: 'ping' })
  }
  const end = (): void => {
    const last = current
    current = null
    askedAtMs = null
    cancelWatch()
    if (last) silence(last)
  }
  const lose = (): void => {
    end()
    listener.onClose()
    dialler.retry()
  }
  const watch = (): void => {
    cancelWatch = clock.after(WATCH_EVERY_MS, () => {
      const now = clock.now()
      if (askedAtMs === null && now - heardAtMs >= PING_AFTER_MS) ask()
      else if (askedAtMs !== null && now - askedAtMs >= SILENT_MAX_MS) return lose()
      else if (askedAtMs !== null && now - askedAtMs >= ANSWER_MAX_MS) dialler.dial()
      watch()
    })
  }
  const adopt = (opened: WebSocket): void => {
    end()
    current = opened
    heardAtMs = clock.now()
    hasOpened = true
    opened.onmessage = (event: MessageEvent) => {
      heardAtMs = clock.now()
      askedAtMs = null
      // The silent one is alive after all.
      dialler.abandon()
      const message = parseMessage(event.data)
      if (message !== null) listener.onMessage(message)
    }
    opened.onclose = lose
    watch()
    listener.onOpen()
  }
  const isWanted = (): boolean => !isOpen() || askedAtMs !== null
  const dialler = createDialler({ url, clock, random, isWanted, onOpen: adopt })
  dialler.dial()
  return {
    get isOpen() {
      return isOpen()
    },
    get heardAtMs() {
      return hasOpened ? heardAtMs : null
    },
    send,
    check() {
      if (isOpen()) ask()
      else dialler.dial()
    },
    close() {
      dialler.close()
      end()
    },
  }
}

interface Dialler {
  /** At once, unless it is dialling already. */
  dial(): void
  /** After a pause that grows. */
  retry(): void
  abandon(): void
  close(): void
}

function createDialler(options: {
  readonly url: string
  readonly clock: Clock
  readonly random: () => number
  /** Whether a socket is still needed. */
  readonly isWanted: () => boolean
  readonly onOpen: (socket: WebSocket) => void
}): Dialler {
  const { url, clock, random, isWanted, onOpen } = options
  let dialled: WebSocket | null = null
  let dialledAtMs = clock.now()
  let failures = 0
  let isClosed = false
  let cancelRetry = (): void => undefined
  let cancelLimit = (): void => undefined

  const abandon = (): void => {
    const last = dialled
    dialled = null
    cancelLimit()
    if (last) silence(last)
  }
  const retry = (): void => {
    cancelRetry()
    if (isClosed) return
    const delayMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures) * (0.5 + random() / 2)
    failures += 1
    cancelRetry = clock.after(delayMs, failures > BOLD_TRIES ? knock : dial)
  }
  /** Dials when somebody answers, and now and then all the same: not everywhere a page may ask. */
  const knock = (): void => {
    let isCancelled = false
    cancelRetry = () => {
      isCancelled = true
    }
    const knockedAtMs = clock.now()
    void answersKnock(url, clock).then((isThere) => {
      if (isCancelled) return
      const now = clock.now()
      const pauseMs = KNOCK_EVERY_MS * (0.5 + random() / 2) - (now - knockedAtMs)
      const blindMs = isThere === null ? UNHEARD_BLIND_MS : BLIND_AFTER_MS
      if (isThere || now - dialledAtMs > blindMs) dial()
      else cancelRetry = clock.after(Math.max(0, pauseMs), knock)
    })
  }
  const dial = (): void => {
    cancelRetry()
    if (isClosed || dialled !== null) return
    const socket = new WebSocket(url)
    dialled = socket
    dialledAtMs = clock.now()
    socket.onopen = () => {
      dialled = null
      cancelLimit()
      failures = 0
      onOpen(socket)
    }
    socket.onclose = () => {
      abandon()
      if (isWanted()) retry()
    }
    cancelLimit = clock.after(CONNECT_MAX_MS, () => {
      abandon()
      failures += 1
      // It has waited long enough already.
      if (isWanted()) knock()
    })
  }
  return {
    ...{ dial, retry, abandon },
    close() {
      isClosed = true
      cancelRetry()
      abandon()
    },
  }
}

/** A socket that is not wanted any more says nothing more. */
function silence(socket: WebSocket): void {
  socket.onopen = null
  socket.onmessage = null
  socket.onclose = null
  socket.close()
}

function parseMessage(data: unknown): Record<string, unknown> | null {
  if (typeof data !== 'string') return null
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    // A server that sends no JSON speaks another protocol; what it says is dropped.
    return null
  }
}

/** A restarted server is back within a second; spread by a half so that a whole call does not knock at once. */
const RETRY_MIN_MS = 200
/** As y-webrtc's own client. */
const RETRY_MAX_MS = 2500
/** Most failures are over by then. */
const BOLD_TRIES = 3
/** A restarted server is found a second later, and by a whole call not all at once. */
const KNOCK_EVERY_MS = 1000
/**
 * A proxy may answer sockets and no knocks. Chromium holds a page's sockets back by what failed in three minutes: after
 * fifteen failures not noticeably, after thirty by up to 2.5 s.
 */
const BLIND_AFTER_MS = 4000
/** Where the page's policy forbids knocks there is no other way to find a restarted server within three seconds. */
const UNHEARD_BLIND_MS = 2000
/** Systems repeat a lost SYN after 1, 3 and 7 seconds, newer ones each second; then a fresh start is quicker. */
const CONNECT_MAX_MS = 5000
const WATCH_EVERY_MS = 500
/** Rooms with people in them are never silent for as long; an empty one costs a ping now and then. */
const PING_AFTER_MS = 1500
/** Slower networks only pay with a second socket for a moment: whichever answers first is kept. */
const ANSWER_MAX_MS = 1500
/** By then nobody is at the other end; messages would only pile up. */
const SILENT_MAX_MS = 10_000
