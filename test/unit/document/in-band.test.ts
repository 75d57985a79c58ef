import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFrameJoiner, dataFrames } from '../../../src/document/data-frames.js'
import type { DataPort } from '../../../src/document/in-band.js'
import type { DocumentOptions, SharedDocument } from '../../../src/document/index.js'
import { openDocument } from '../../../src/document/open-document.js'
import { makeRecord, makeRegister } from './registers.js'

const WAIT = { timeout: 5000, interval: 10 }
const open: SharedDocument[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((document) => document.close()))
})

type Listener = Parameters<DataPort['subscribe']>[0]

/** A provider's channel between all who take a port of it; everything that is sent is kept. */
function channel(maxBytes = 1200) {
  const members = new Map<string, Listener>()
  const sent: Uint8Array[] = []
  const port = (participant: string): DataPort => ({
    maxBytes,
    send(frame) {
      expect(frame.length).toBeLessThanOrEqual(maxBytes)
      sent.push(frame)
      for (const [other, listener] of members)
        if (other !== participant) queueMicrotask(() => listener.onFrame(participant, frame))
    },
    subscribe(listener) {
      for (const other of members.values()) other.onPeer()
      members.set(participant, listener)
      return () => members.delete(participant)
    },
  })
  return { port, sent }
}

async function join(participant: string, more: Partial<DocumentOptions> = {}): Promise<SharedDocument> {
  const document = await openDocument({ room: 'r', participant, signaling: [], ...more }, new Map())
  open.push(document)
  return document
}

const publish = (document: SharedDocument, seq: number): Promise<void> =>
  document.publish(makeRegister({ voter: document.voter, seq, head: makeRecord(document.voter) }))

describe("the document on a media provider's data channel", () => {
  it('carries registers, presence and heartbeats when there is no other link', async () => {
    const { port } = channel()
    const [ann, ben] = [await join('ann'), await join('ben')]
    await publish(ann, 1)
    ann.carry(port('ann'))
    ben.carry(port('ben'))
    await vi.waitFor(() => expect(ben.registers().get(ann.voter)?.seq).toBe(1), WAIT)
    await publish(ben, 1)
    await vi.waitFor(() => expect(ann.registers().get(ben.voter)?.seq).toBe(1), WAIT)
    await vi.waitFor(() => expect(ann.presence().has(ben.voter)).toBe(true), WAIT)
    const before = ann.presence().get(ben.voter)?.beat ?? 0
    ben.beat()
    await vi.waitFor(() => expect(ann.presence().get(ben.voter)?.beat).toBeGreaterThan(before), WAIT)
    expect(ann.links).toMatchObject([{ kind: 'in-band', state: 'connected', peers: ['ben'] }])
    ann.beat()
    ben.beat()
    await vi.waitFor(() => {
      ann.beat()
      ben.beat()
      expect(ann.links[0]?.paths[0]?.rttMs).toEqual(expect.any(Number))
    }, WAIT)
  })

  it('ends with its connection, which is no goodbye of the page', async () => {
    const { port } = channel()
    const [ann, ben] = [await join('ann'), await join('ben')]
    const stop = ann.carry(port('ann'))
    ben.carry(port('ben'))
    await vi.waitFor(() => expect(ben.presence().has(ann.voter)).toBe(true), WAIT)
    stop()
    expect(ann.links).toEqual([])
    expect(ben.presence().get(ann.voter)?.hasLeft).toBe(false)
  })

  it('shows nothing of people and registers to the provider where the room has a password', async () => {
    const { port, sent } = channel()
    const [ann, ben] = [await join('ann-17', { password: 'p' }), await join('ben-42', { password: 'p' })]
    await publish(ann, 1)
    ann.carry(port('ann-17'))
    ben.carry(port('ben-42'))
    await vi.waitFor(() => expect(ben.registers().has(ann.voter)).toBe(true), WAIT)
    const text = sent.map((frame) => new TextDecoder().decode(frame)).join('')
    for (const secret of ['ann-17', 'ben-42', 'east', btoa('ann-17').slice(0, 7), ann.voter])
      expect(text).not.toContain(secret)
  })
})

describe('frames of a data channel', () => {
  it('give back a message of any size in any order, with repeats, from several senders at once', () => {
    const join = createFrameJoiner()
    const message = crypto.getRandomValues(new Uint8Array(10_000))
    const frames = dataFrames(message, 7, 1200)
    const whole: Uint8Array[] = []
    for (const frame of [...frames].reverse())
      for (const from of ['ann', 'ben', 'ann']) {
        const joined = join(from, frame)
        if (joined !== null) whole.push(joined)
      }
    expect(whole).toEqual([message, message])
  })

  it('pass over what is no frame of ours and forget what never becomes whole', () => {
    const join = createFrameJoiner()
    for (const bytes of [[], [1, 2, 3], Array.from({ length: 40 }, () => 255)])
      expect(join('x', new Uint8Array(bytes))).toBeNull()
    for (let id = 0; id < 100; id += 1) {
      const [first] = dataFrames(new Uint8Array(4000), id, 1200)
      expect(join('x', first ?? new Uint8Array())).toBeNull()
    }
  })
})
