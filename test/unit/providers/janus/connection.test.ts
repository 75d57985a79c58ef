import { afterEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../src/clock.js'
import { writeOwner } from '../../../../src/providers/janus/messages.js'
import { janus } from '../../../../src/providers/janus.js'
import type { JoinRequest } from '../../../../src/providers/provider.js'
import { type FakeSocket, fakeSocket, type Sent } from './fake-socket.js'

const PUBLISHER = 11
const SUBSCRIBER = 12
const display = (peer: string): string => writeOwner({ peer, session: peer, at: 1 })
const publisher = (id: number, peer: string) => ({
  ...{ id, display: display(peer) },
  streams: [{ type: 'video', mid: '0', description: 'camera' }],
})

/** A peer connection that is up at once; an answer is applied when the test says so. */
function fakePeerConnection(answerApplied: Promise<void>): RTCPeerConnection {
  const sender = { track: null, replaceTrack: async () => undefined }
  return Object.assign(new EventTarget(), {
    ...{ connectionState: 'connected', iceGatheringState: 'complete', signalingState: 'stable' },
    localDescription: { type: 'offer', sdp: 'v=0' },
    addTransceiver: () => ({ mid: '0', sender }),
    getTransceivers: () => [],
    createDataChannel: () => new EventTarget(),
    setLocalDescription: async () => undefined,
    setRemoteDescription: () => answerApplied,
    close: () => undefined,
  }) as unknown as RTCPeerConnection
}

/** Janus, in whose room cleo and bob publish; `asked` gets every request that subscribes. */
function fakeJanus(asked: Sent[], afterJoin: (socket: FakeSocket) => void): FakeSocket {
  let handles = PUBLISHER
  return fakeSocket((message, socket) => {
    const { janus: kind, transaction, handle_id: sender, body } = message
    const request = (body as { request?: string } | undefined)?.request
    const reply = (parts: object): void => socket.receive({ janus: 'event', transaction, sender, ...parts })
    if (kind === 'create') socket.receive({ janus: 'success', transaction, data: { id: 1 } })
    if (kind === 'destroy') socket.receive({ janus: 'ack', transaction })
    if (kind === 'attach') {
      socket.receive({ janus: 'success', transaction, data: { id: handles } })
      handles += 1
    }
    if (request === 'joinandconfigure') {
      const publishers = [publisher(1, 'cleo'), publisher(2, 'bob')]
      reply({
        plugindata: { data: { videoroom: 'joined', publishers } },
        jsep: { type: 'answer', sdp: 'v=0' },
      })
      afterJoin(socket)
    }
    if (request === 'join') {
      asked.push(message)
      reply({ plugindata: { data: { videoroom: 'attached', streams: [] } } })
    }
  })
}

function request(signal: AbortSignal): JoinRequest {
  return {
    ...{
      room: 'r',
      peer: 'ana',
      session: 's',
      token: async () => undefined,
      tracks: [],
      iceServers: [],
      signal,
    },
    directory: { entries: () => new Map(), publish: () => undefined, subscribe: () => () => undefined },
    channel: {} as JoinRequest['channel'],
  } as unknown as JoinRequest
}

afterEach(() => vi.unstubAllGlobals())

it('who leaves while our answer is being applied is not asked for, so that the others are received', async () => {
  vi.stubGlobal('MediaStream', class {})
  let apply: () => void = () => undefined
  const applied = new Promise<void>((resolve) => {
    apply = resolve
  })
  const asked: Sent[] = []
  const socket = fakeJanus(asked, (far) => {
    const left = { plugindata: { data: { videoroom: 'event', leaving: 1 } } }
    for (const sender of [PUBLISHER, SUBSCRIBER]) far.receive({ janus: 'event', sender, ...left })
    apply()
  })
  const provider = janus(
    { id: 'east', url: 'ws://127.0.0.1:1' },
    {
      clock: systemClock(),
      openSocket: () => socket.asWebSocket,
      openPeerConnection: () => fakePeerConnection(applied),
    },
  )
  const connecting = provider.connect(request(new AbortController().signal))
  socket.open()
  const connection = await connecting
  await vi.waitFor(() => expect(asked).not.toEqual([]))
  expect(asked.map(({ body }) => (body as { streams: unknown }).streams)).toEqual([[{ feed: 2, mid: '0' }]])
  await connection.leave()
})
