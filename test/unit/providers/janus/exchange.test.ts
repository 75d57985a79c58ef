import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/clock.js'
import { type Exchange, openExchange } from '../../../../src/providers/janus/exchange.js'
import type { JanusMessage } from '../../../../src/providers/janus/messages.js'
import { fakeSocket } from './fake-socket.js'

interface Rig {
  readonly exchange: Exchange
  readonly socket: ReturnType<typeof fakeSocket>
  readonly events: JanusMessage[]
  readonly lost: () => number
}

async function open(): Promise<Rig> {
  const socket = fakeSocket()
  const events: JanusMessage[] = []
  let lost = 0
  const opening = openExchange(
    {
      clock: systemClock(),
      socket: socket.asWebSocket,
      onEvent: (message) => events.push(message),
      onLost: () => {
        lost += 1
      },
    },
    new AbortController().signal,
  )
  socket.open()
  return { exchange: await opening, socket, events, lost: () => lost }
}

const LIMIT_MS = 1_000
const joined = (transaction: string) => ({
  janus: 'event',
  sender: 7,
  transaction,
  plugindata: { data: { videoroom: 'joined', id: 1 } },
})

describe('requests to Janus', () => {
  it('take the event as answer, also when it comes before its ack', async () => {
    const { exchange, socket, events } = await open()
    const asked = exchange.request({ janus: 'message' }, 'event', LIMIT_MS)
    const transaction = socket.sent[0]?.transaction ?? ''
    socket.receive(joined(transaction))
    socket.receive({ janus: 'ack', transaction })
    await expect(asked).resolves.toMatchObject({ plugindata: { data: { videoroom: 'joined' } } })
    expect(events).toEqual([])
  })

  it('are not settled by an ack when an event is to come', async () => {
    const { exchange, socket } = await open()
    const asked = exchange.request({ janus: 'message' }, 'event', LIMIT_MS)
    const transaction = socket.sent[0]?.transaction ?? ''
    socket.receive({ janus: 'ack', transaction })
    socket.receive(joined(transaction))
    await expect(asked).resolves.toMatchObject({ janus: 'event' })
  })

  it('of the keepalive kind are settled by the ack', async () => {
    const { exchange, socket } = await open()
    const asked = exchange.request({ janus: 'keepalive' }, 'ack', LIMIT_MS)
    socket.receive({ janus: 'ack', transaction: socket.sent[0]?.transaction })
    await expect(asked).resolves.toMatchObject({ janus: 'ack' })
  })

  it.each([
    [{ janus: 'error', error: { code: 403, reason: 'no' } }, 'provider-auth'],
    [{ janus: 'error', error: { code: 490, reason: 'ICE' } }, 'provider-server'],
    [{ janus: 'event', plugindata: { data: { videoroom: 'event', error_code: 426 } } }, 'provider-rejected'],
    [{ janus: 'event', plugindata: { data: { videoroom: 'event', error_code: 432 } } }, 'provider-full'],
    [{ janus: 'event', plugindata: { data: { videoroom: 'event', error_code: 433 } } }, 'provider-auth'],
  ])('are refused wherever Janus puts the error: %j', async (reply, code) => {
    const { exchange, socket } = await open()
    const asked = exchange.request({ janus: 'message' }, 'event', LIMIT_MS)
    socket.receive({ ...reply, transaction: socket.sent[0]?.transaction })
    await expect(asked).rejects.toMatchObject({ code })
  })

  it('time out', async () => {
    const { exchange } = await open()
    await expect(exchange.request({ janus: 'keepalive' }, 'ack', 5)).rejects.toMatchObject({
      code: 'provider-timeout',
    })
  })

  it('fail when the socket closes, which is told once', async () => {
    const { exchange, socket, lost } = await open()
    const asked = exchange.request({ janus: 'message' }, 'event', LIMIT_MS)
    socket.close()
    await expect(asked).rejects.toMatchObject({ code: 'provider-network' })
    await expect(exchange.request({ janus: 'x' }, 'ack', LIMIT_MS)).rejects.toMatchObject({
      code: 'provider-network',
    })
    expect(lost()).toBe(1)
  })

  it('closed by us are no loss', async () => {
    const { exchange, lost } = await open()
    exchange.close()
    expect(lost()).toBe(0)
  })
})

describe('what Janus says unasked', () => {
  it('is passed on, garbage is not', async () => {
    const { socket, events } = await open()
    socket.receiveText('not json')
    socket.receiveText('[]')
    socket.receive({ janus: 7 })
    socket.receive({ janus: 'event', plugindata: { data: { publishers: 'many' } } })
    socket.receive({ janus: 'hangup', sender: 7, reason: 'ICE failed' })
    expect(events).toEqual([{ janus: 'hangup', sender: 7, reason: 'ICE failed' }])
  })
})

describe('a socket that does not open', () => {
  it('rejects as a network error', async () => {
    const socket = fakeSocket()
    const opening = openExchange(
      { clock: systemClock(), socket: socket.asWebSocket, onEvent: () => {}, onLost: () => {} },
      new AbortController().signal,
    )
    socket.close()
    await expect(opening).rejects.toMatchObject({ code: 'provider-network' })
  })

  it('is closed when the attempt is aborted', async () => {
    const socket = fakeSocket()
    const abort = new AbortController()
    const opening = openExchange(
      { clock: systemClock(), socket: socket.asWebSocket, onEvent: () => {}, onLost: () => {} },
      abort.signal,
    )
    abort.abort('left')
    await expect(opening).rejects.toBe('left')
    expect(socket.isClosed).toBe(true)
  })
})
