import { describe, expect, it } from 'vitest'
import { HoldfastError } from '../../../../src/errors.js'
import type { JanusMessage } from '../../../../src/providers/janus/messages.js'
import type { FeedStream } from '../../../../src/providers/janus/roster.js'
import { createSubscriptions, type Subscriptions } from '../../../../src/providers/janus/subscriptions.js'

interface Asked {
  readonly body: { readonly request: string; readonly [key: string]: unknown }
  readonly jsep: RTCSessionDescriptionInit | undefined
}

interface Rig {
  readonly subscriptions: Subscriptions
  readonly asked: Asked[]
  /** Order of everything that happened to the peer connection and the wire. */
  readonly story: string[]
  readonly broken: unknown[]
}

const stream = (feed: number, mid = '0'): FeedStream => ({ feed, mid, source: 'camera', isActive: true })
const line = (mid: string, feed: number) => ({ mid, active: true, feed_id: feed, feed_mid: '0' })
const offer = (videoroom: string, streams?: object[]): JanusMessage => ({
  janus: 'event',
  plugindata: { data: { videoroom, ...(streams ? { streams } : {}) } },
  jsep: { type: 'offer', sdp: 'v=0' },
})

function rig(
  reply: (asked: Asked) => JanusMessage | Promise<JanusMessage>,
  scope: AbortSignal = new AbortController().signal,
): Rig {
  const asked: Asked[] = []
  const story: string[] = []
  const broken: unknown[] = []
  let mids: string[] = []
  const pc = {
    signalingState: 'stable',
    addEventListener: () => undefined,
    localDescription: { type: 'answer', sdp: 'v=0' },
    getTransceivers: () => mids.map((mid) => ({ mid, receiver: { of: mid } })),
    async setRemoteDescription() {
      story.push('offered')
      mids = ['0', '1', '2']
    },
    async setLocalDescription() {
      story.push('answered')
    },
  }
  const subscriptions = createSubscriptions({
    handle: {
      async message(body, jsep) {
        const request = { body: body as Asked['body'], jsep }
        asked.push(request)
        story.push(request.body.request)
        return reply(request)
      },
      trickle: () => undefined,
    },
    pc: pc as unknown as RTCPeerConnection,
    scope,
    join: { room: 7 },
    onChange: () => undefined,
    onBroken: (error) => broken.push(error),
  })
  return { subscriptions, asked, story, broken }
}

const started: JanusMessage = { janus: 'event', plugindata: { data: { videoroom: 'event' } } }

describe('subscriptions to a Janus room', () => {
  it('join with the first streams, answer the offer with start, and update later', async () => {
    const { subscriptions, asked, story } = rig(({ body }) => {
      if (body.request === 'join') return offer('attached', [line('0', 1)])
      if (body.request === 'update') return offer('updated', [line('0', 1), line('1', 2)])
      return started
    })
    void subscriptions.want([])
    await Promise.resolve()
    expect(story).toEqual([])
    void subscriptions.want([stream(1)])
    await expect.poll(() => story.join(' ')).toBe('join offered answered start')
    expect(asked[0]?.body).toMatchObject({ ptype: 'subscriber', room: 7, streams: [{ feed: 1, mid: '0' }] })
    void subscriptions.want([stream(1), stream(2)])
    await expect.poll(() => story.slice(4).join(' ')).toBe('update offered answered start')
    expect(asked[2]?.body).toMatchObject({ subscribe: [{ feed: 2, mid: '0' }] })
    expect(subscriptions.received.map(({ feed }) => feed)).toEqual([1, 2])
  })

  it('answer an offer that Janus makes unasked before asking for anything', async () => {
    let release: (message: JanusMessage) => void = () => undefined
    const { subscriptions, story } = rig(({ body }) => {
      if (body.request === 'join') return offer('attached', [line('0', 1)])
      if (body.request === 'update') return offer('updated', [line('1', 2)])
      if (story.filter((entry) => entry === 'start').length === 1)
        return new Promise((resolve) => {
          release = resolve
        })
      return started
    })
    void subscriptions.want([stream(1)])
    await expect.poll(() => story.at(-1)).toBe('start')
    subscriptions.handleEvent(offer('updated', []))
    void subscriptions.want([stream(2)])
    release(started)
    await expect
      .poll(() => story.slice(4).join(' '))
      .toBe('offered answered start update offered answered start')
  })

  it('ask for nothing more once the connection is left in the middle of a turn: nobody would hear that it failed', async () => {
    const leaving = new AbortController()
    let release: (message: JanusMessage) => void = () => undefined
    const { subscriptions, story, broken } = rig(({ body }) => {
      if (body.request === 'join') return offer('attached', [line('0', 1)])
      return new Promise((resolve) => {
        release = resolve
      })
    }, leaving.signal)
    const settled = subscriptions.want([stream(1)])
    await expect.poll(() => story.at(-1)).toBe('start')
    void subscriptions.want([stream(1), stream(2)])
    leaving.abort()
    release(started)
    await settled
    expect(story).toEqual(['join', 'offered', 'answered', 'start'])
    expect(broken).toEqual([])
  })

  it('ask again after Janus put a request off', async () => {
    let updates = 0
    const { subscriptions, story } = rig(({ body }) => {
      if (body.request === 'join') return offer('attached', [line('0', 1)])
      if (body.request !== 'update') return started
      updates += 1
      if (updates === 1) return { janus: 'event', plugindata: { data: { videoroom: 'updating' } } }
      return offer('updated', [line('0', 1), line('1', 2)])
    })
    void subscriptions.want([stream(1)])
    await expect.poll(() => story.length).toBe(4)
    void subscriptions.want([stream(1), stream(2)])
    await expect.poll(() => subscriptions.received.length).toBe(2)
    expect(updates).toBe(2)
  })

  it('do not ask for ever for somebody who has left, and ask anew when the room changes', async () => {
    let isThere = false
    const { subscriptions, story, broken } = rig(({ body }) => {
      if (body.request === 'start') return started
      if (!isThere) throw new HoldfastError('provider-rejected', { details: { status: 428 } })
      return offer('attached', [line('0', 1)])
    })
    void subscriptions.want([stream(1)])
    await expect.poll(() => story.join(' ')).toBe('join join join')
    isThere = true
    void subscriptions.want([stream(1)])
    await expect.poll(() => subscriptions.received.length).toBe(1)
    expect(broken).toEqual([])
  })

  it('are broken for good, told once, when the negotiation fails', async () => {
    const { subscriptions, story, broken } = rig(() => {
      throw new HoldfastError('provider-timeout')
    })
    void subscriptions.want([stream(1)])
    await expect.poll(() => broken.length).toBe(1)
    void subscriptions.want([stream(2)])
    subscriptions.handleEvent(offer('updated', []))
    expect(story).toEqual(['join'])
    expect(broken).toHaveLength(1)
  })

  it('answer an ICE restart, which is offered without a list, and keep what they receive', async () => {
    const { subscriptions, story } = rig(({ body }) => {
      if (body.request === 'join') return offer('attached', [line('0', 1)])
      return body.request === 'configure' ? offer('event') : started
    })
    void subscriptions.want([stream(1)])
    await expect.poll(() => story.length).toBe(4)
    await subscriptions.restartIce()
    expect(story.slice(4)).toEqual(['configure', 'offered', 'answered', 'start'])
    expect(subscriptions.received).toHaveLength(1)
  })
})
