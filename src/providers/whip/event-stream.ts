/**
 * The server's event stream as a sign of life: that it is open, that something came, that it ended. Who publishes
 * is told by the directory; what the server says of it only helps to be early (foresight.ts). Two carriers: WebSocket (a `ws:` address),
 * and server-sent events read with fetch, because EventSource reconnects silently and hides the moment.
 */
import { type HttpSeat, ignoreAbort } from './resource.js'

/** How reading ended. */
export type StreamEnd =
  /** It was open and broke. */
  | 'ended'
  /** Nobody answered, or the server failed. */
  | 'unreachable'
  /** The server answers but has no such stream. */
  | 'unsupported'

/** What {@link followStream} needs. */
export interface StreamOptions {
  readonly url: URL
  readonly seat: HttpSeat
  readonly scope: AbortSignal
  readonly onOpen: () => void
  /** Something arrived, whatever it was. */
  readonly onBeat: () => void
  /** An event over a WebSocket, as text. */
  readonly onEvent: (text: string) => void
}

/** Follows the stream until it ends or the scope aborts; never rejects. */
export function followStream(options: StreamOptions): Promise<StreamEnd> {
  return options.url.protocol.startsWith('ws') ? followSocket(options) : followServerSent(options)
}

function followSocket({ url, scope, onOpen, onBeat, onEvent }: StreamOptions): Promise<StreamEnd> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url.href)
    const listening = new AbortController()
    const { signal } = listening
    let wasOpen = false
    const finish = (): void => {
      listening.abort()
      resolve(wasOpen ? 'ended' : 'unreachable')
    }
    socket.addEventListener(
      'open',
      () => {
        wasOpen = true
        onOpen()
      },
      { signal },
    )
    const onMessage = ({ data }: MessageEvent): void => {
      onBeat()
      onEvent(String(data))
    }
    socket.addEventListener('message', onMessage, { signal })
    socket.addEventListener('close', finish, { signal })
    const leave = (): void => {
      socket.close()
      finish()
    }
    scope.addEventListener('abort', leave, { signal })
    if (scope.aborted) leave()
  })
}

async function followServerSent(options: StreamOptions): Promise<StreamEnd> {
  const { scope } = options
  const reader = await openServerSent(options)
  if (typeof reader === 'string') return reader
  const cancel = (): void => void reader.cancel().catch(ignoreAbort)
  scope.addEventListener('abort', cancel, { once: true })
  options.onOpen()
  try {
    for (;;) {
      const { done } = await reader.read()
      if (done) return 'ended'
      options.onBeat()
    }
  } catch {
    // The connection broke: exactly what is being watched for.
    return 'ended'
  } finally {
    scope.removeEventListener('abort', cancel)
  }
}

type Opened = ReadableStreamDefaultReader<Uint8Array> | 'unsupported' | 'unreachable'

async function openServerSent({ url, seat, scope }: StreamOptions): Promise<Opened> {
  try {
    const token = await seat.bearer(false)
    const response = await seat.fetch(url.href, {
      headers: {
        accept: 'text/event-stream',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      cache: 'no-store',
      credentials: 'omit',
      signal: scope,
    })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    if (response.ok && isStream && response.body) return response.body.getReader()
    void response.body?.cancel()
    return response.status >= 500 ? 'unreachable' : 'unsupported'
  } catch {
    // Refused, cut or left: the caller tells these apart by its scope.
    return 'unreachable'
  }
}
