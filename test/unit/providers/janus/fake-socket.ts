/** A WebSocket whose far end is the test. */

/** What was sent, parsed. */
export interface Sent {
  readonly janus?: string
  readonly transaction?: string
  readonly [key: string]: unknown
}

/** The fake and its controls. */
export interface FakeSocket {
  readonly asWebSocket: WebSocket
  readonly sent: readonly Sent[]
  readonly isClosed: boolean
  open(): void
  receive(message: object): void
  receiveText(text: string): void
  close(): void
}

/** Makes one that is still connecting. */
export function fakeSocket(onSend?: (message: Sent, socket: FakeSocket) => void): FakeSocket {
  const sent: Sent[] = []
  let isClosed = false
  const target = new EventTarget()
  const close = (): void => {
    if (isClosed) return
    isClosed = true
    target.dispatchEvent(new Event('close'))
  }
  const receiveText = (data: string): void => {
    target.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
  const socket: FakeSocket = {
    asWebSocket: Object.assign(target, {
      send(text: string) {
        const message = JSON.parse(text) as Sent
        sent.push(message)
        onSend?.(message, socket)
      },
      close,
    }) as unknown as WebSocket,
    sent,
    get isClosed() {
      return isClosed
    },
    open: () => void target.dispatchEvent(new Event('open')),
    receive: (message) => receiveText(JSON.stringify(message)),
    receiveText,
    close,
  }
  return socket
}
