import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SharedDocument } from '../../../src/document/index.js'
import { openDocument } from '../../../src/document/open-document.js'
import { yjsLink } from '../../../src/document/yjs-link.js'
import { hocuspocus, type YjsServer, yWebsocket } from '../../support/yjs-servers.js'
import { makeRecord, makeRegister } from './registers.js'

const WAIT = { timeout: 8000, interval: 20 }

describe.each([
  ['Hocuspocus', hocuspocus],
  ['y-websocket', yWebsocket],
])('the document over a real %s server', (_name, startServer) => {
  let server: YjsServer
  let room = ''
  const open: SharedDocument[] = []

  beforeEach(async () => {
    server = await startServer()
    room = crypto.randomUUID()
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((document) => document.close()))
    await server.stop()
  })

  const join = async (participant: string): Promise<SharedDocument> => {
    const document = await openDocument(
      { room, participant, name: participant.toUpperCase(), signaling: [], links: [yjsLink(server.make)] },
      new Map(),
    )
    open.push(document)
    return document
  }
  const publish = (document: SharedDocument, seq: number): Promise<void> =>
    document.publish(makeRegister({ voter: document.voter, seq, head: makeRecord(document.voter) }))
  const seqAt = (document: SharedDocument, of: SharedDocument): number | undefined =>
    document.registers().get(of.voter)?.seq
  const beatAt = (document: SharedDocument, of: SharedDocument): number =>
    document.presence().get(of.voter)?.beat ?? 0

  it('carries registers and presence both ways, and counts as syncing until the server has answered', async () => {
    await server.stop()
    const ann = await join('ann')
    expect(ann.isSyncing).toBe(true)
    await server.start()
    await vi.waitFor(() => expect(ann.isSyncing).toBe(false), WAIT)
    await publish(ann, 1)
    const ben = await join('ben')
    await vi.waitFor(() => expect(ben.isSyncing).toBe(false), WAIT)
    expect(seqAt(ben, ann)).toBe(1)
    await publish(ben, 1)
    await vi.waitFor(() => expect(seqAt(ann, ben)).toBe(1), WAIT)
    await vi.waitFor(() => expect(ann.presence().get(ben.voter)?.name).toBe('BEN'), WAIT)
    ben.announce({ muted: ['camera'] })
    await vi.waitFor(() => expect(ann.presence().get(ben.voter)?.muted).toEqual(['camera']), WAIT)
  })

  it('carries heartbeats, and says who is reached by it and in which time', async () => {
    const [ann, ben] = [await join('ann'), await join('ben')]
    await vi.waitFor(() => expect(ann.presence().has(ben.voter)).toBe(true), WAIT)
    const before = beatAt(ann, ben)
    await vi.waitFor(
      () => {
        ann.beat()
        ben.beat()
        expect(beatAt(ann, ben)).toBeGreaterThan(before)
        const [link] = ann.links
        expect(link).toMatchObject({ kind: 'provider', state: 'connected', peers: ['ben'] })
        expect(link?.paths[0]).toMatchObject({ peer: 'ben', state: 'live' })
        expect(link?.paths[0]?.rttMs).toBeLessThan(1000)
      },
      { ...WAIT, interval: 100 },
    )
  })

  it('heals when the server goes away and comes back, with what was written meanwhile on both sides', async () => {
    const [ann, ben] = [await join('ann'), await join('ben')]
    await publish(ann, 1)
    await vi.waitFor(() => expect(seqAt(ben, ann)).toBe(1), WAIT)
    await server.stop()
    await vi.waitFor(() => expect(ann.links[0]?.state).toBe('connecting'), WAIT)
    await Promise.all([publish(ann, 2), publish(ben, 1)])
    ann.announce({ muted: ['microphone'] })
    await server.start()
    await vi.waitFor(() => {
      expect(seqAt(ben, ann)).toBe(2)
      expect(seqAt(ann, ben)).toBe(1)
      expect(ben.presence().get(ann.voter)?.muted).toEqual(['microphone'])
    }, WAIT)
    const before = beatAt(ann, ben)
    await vi.waitFor(() => {
      ben.beat()
      expect(beatAt(ann, ben)).toBeGreaterThan(before)
    }, WAIT)
  })
})
