/**
 * Requests and answers over one WebSocket of Janus. An event that answers a request may come before its ack, so
 * an ack only settles requests that have no other answer.
 */
import type { Clock } from '../../clock.js'
import { HoldfastError } from '../../errors.js'
import { errorIn, type JanusMessage, readMessage } from './messages.js'

/** What settles a request. */
export type AnswerKind = 'ack' | 'event'

/** An open socket with its transactions. */
export interface Exchange {
  readonly isOpen: boolean
  /** Sends without waiting for anything. */
  send(request: object): void
  /** Rejects with the server's refusal, `provider-timeout` or, when the socket closes, `provider-network`. */
  request(request: object, answer: AnswerKind, limitMs: number): Promise<JanusMessage>
  /** Closes the socket; pending requests reject. */
  close(): void
}

/** What {@link openExchange} needs. */
export interface ExchangeOptions {
  readonly clock: Clock
  readonly socket: WebSocket
  /** Messages that answer nothing. */
  readonly onEvent: (message: JanusMessage) => void
  /** The socket closed without `close()`. */
  readonly onLost: () => void
}

interface Pending {
  readonly answer: AnswerKind
  settle(outcome: JanusMessage | HoldfastError): void
}

/** Resolves when the socket is open; rejects with `provider-network` or the scope's reason. */
export async function openExchange(options: ExchangeOptions, scope: AbortSignal): Promise<Exchange> {
  const { clock, socket } = options
  await whenOpen(socket, scope)
  const pending = new Map<string, Pending>()
  let isOpen = true
  let count = 0

  const end = (): void => {
    isOpen = false
    for (const { settle } of [...pending.values()]) settle(new HoldfastError('provider-network'))
  }
  const receive = (text: unknown): void => {
    const message = readMessage(text)
    if (!message) return
    const waiting = pending.get(message.transaction ?? '')
    if (!waiting) {
      if (message.janus !== 'ack') options.onEvent(message)
      return
    }
    const error = errorIn(message)
    if (error) waiting.settle(error)
    else if (message.janus !== 'ack' || waiting.answer === 'ack') waiting.settle(message)
  }
  socket.addEventListener('message', ({ data }) => receive(data))
  socket.addEventListener('close', () => {
    const wasOpen = isOpen
    end()
    if (wasOpen) options.onLost()
  })

  const send = (request: object): void => {
    if (isOpen) socket.send(JSON.stringify(request))
  }
  return {
    get isOpen() {
      return isOpen
    },
    send,
    request: (request, answer, limitMs) =>
      new Promise((resolve, reject) => {
        if (!isOpen) {
          reject(new HoldfastError('provider-network'))
          return
        }
        count += 1
        const transaction = count.toString(36)
        const settle = (outcome: JanusMessage | HoldfastError): void => {
          pending.delete(transaction)
          cancelTimer()
          if (outcome instanceof HoldfastError) reject(outcome)
          else resolve(outcome)
        }
        const cancelTimer = clock.after(limitMs, () =>
          settle(new HoldfastError('provider-timeout', { details: { limitMs } })),
        )
        pending.set(transaction, { answer, settle })
        send({ ...request, transaction })
      }),
    close() {
      end()
      socket.close()
    },
  }
}

function whenOpen(socket: WebSocket, scope: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const listening = new AbortController()
    const { signal } = listening
    const finish = (settle: () => void): void => {
      listening.abort()
      settle()
    }
    const refuse = (reason: unknown) => () => {
      finish(() => reject(reason))
      socket.close()
    }
    socket.addEventListener('open', () => finish(resolve), { signal })
    socket.addEventListener('close', refuse(new HoldfastError('provider-network')), { signal })
    scope.addEventListener('abort', () => refuse(scope.reason)(), { signal })
    if (scope.aborted) refuse(scope.reason)()
  })
}
