/** One test for each claim of the threat model in docs/security.md that a document alone can show. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Awareness } from 'y-protocols/awareness'
import { Doc } from 'yjs'
import type { DocumentOptions, SharedDocument } from '../../../src/document/index.js'
import { openDocument } from '../../../src/document/open-document.js'
import { yjsLink } from '../../../src/document/yjs-link.js'
import { serveSignaling, type TestSignaling } from '../../support/signaling.js'
import { hocuspocus } from '../../support/yjs-servers.js'
import { makeRecord, makeRegister } from './registers.js'

const WAIT = { timeout: 8000, interval: 20 }
let signaling: TestSignaling
let room = ''
const open: { close(): unknown }[] = []
const unhandled: unknown[] = []
const note = (error: unknown): number => unhandled.push(error)

beforeEach(async () => {
  vi.stubGlobal('WebSocket', WebSocket)
  process.on('unhandledRejection', note)
  signaling = await serveSignaling()
  room = crypto.randomUUID()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
  await signaling.close()
  vi.unstubAllGlobals()
  process.off('unhandledRejection', note)
  expect(unhandled.splice(0)).toEqual([])
})

async function join(participant: string, more: Partial<DocumentOptions> = {}): Promise<SharedDocument> {
  const document = await openDocument(
    { room, participant, name: `Name of ${participant}`, signaling: [signaling.url], ...more },
    new Map(),
  )
  open.push(document)
  return document
}

const publish = (document: SharedDocument, seq = 1): Promise<void> =>
  document.publish(makeRegister({ voter: document.voter, seq, head: makeRecord(document.voter) }))

/** Somebody who knows the room's name and the server: hears all frames and can say anything. */
async function eavesdropper(): Promise<{ readonly frames: string[]; say(data: object): void }> {
  const socket = new WebSocket(signaling.url)
  const frames: string[] = []
  open.push(socket)
  await new Promise((resolve) => socket.on('open', resolve))
  socket.on('message', (data) => frames.push(String(data)))
  const topic = `${room}#holdfast`
  socket.send(JSON.stringify({ type: 'subscribe', topics: [room, topic] }))
  return { frames, say: (data) => socket.send(JSON.stringify({ type: 'publish', topic, data })) }
}

/** Everything that is in base64 in it is shown too, because updates and awareness travel that way. */
function readable(frames: readonly string[]): string {
  const text = frames.join('\n')
  const encoded = text.match(/[A-Za-z0-9+/=]{16,}/g) ?? []
  return text + encoded.map((part) => Buffer.from(part, 'base64').toString('latin1')).join('\n')
}

const codesOf = (document: SharedDocument): string[] => {
  const codes: string[] = []
  document.on('rejected', ({ code }) => codes.push(code))
  return codes
}

describe('who knows the room and the signaling server', () => {
  it('reads everything that is relayed where the room has no password', async () => {
    const { frames } = await eavesdropper()
    const [ann, ben] = [await join('ann'), await join('ben')]
    await publish(ann)
    await vi.waitFor(() => expect(ben.registers().has(ann.voter)).toBe(true), WAIT)
    for (const seen of ['Name of ann', 'Name of ben', ann.voter]) expect(readable(frames)).toContain(seen)
  })

  it('reads no name, id, voter or provider on signaling and relay without the password', async () => {
    const { frames } = await eavesdropper()
    const secret = { password: 'open sesame' }
    const [ann, ben] = [await join('annabelle', secret), await join('benedict', secret)]
    await publish(ann)
    ann.announce({ muted: ['camera'], sight: { 'provider-east': 'dead' } })
    ann.channel('mesh').send('benedict', { offer: 'session-description' })
    await vi.waitFor(() => expect(ben.registers().has(ann.voter)).toBe(true), WAIT)
    await vi.waitFor(() => expect(ben.presence().get(ann.voter)?.muted).toEqual(['camera']), WAIT)
    expect(frames.length).toBeGreaterThan(3)
    const text = readable(frames)
    const words = ['annabelle', 'benedict', 'Name of', 'provider-east', 'camera', 'session-desc', 'presence']
    for (const hidden of [...words, ann.voter, ben.voter]) expect(text).not.toContain(hidden)
  })

  it('reads no candidate and no other message between pages without the password', async () => {
    const ears = await eavesdropper()
    const [ann, ben] = await Promise.all([
      join('ann', { password: 'between us' }),
      join('ben', { password: 'between us' }),
    ])
    const candidate = 'candidate:1 1 udp 2113937151 192.0.2.77 54321 typ host'
    const heard: unknown[] = []
    ben.channel('mesh').subscribe((_, message) => heard.push(message))
    await vi.waitFor(() => {
      ann.channel('mesh').send(null, { candidate })
      expect(heard).toContainEqual({ candidate })
    }, WAIT)
    await vi.waitFor(() => expect(ears.frames.length).toBeGreaterThan(0), WAIT)
    expect(readable(ears.frames)).not.toContain('192.0.2.77')
  })

  it('is heard by nobody without the password, whatever it says', async () => {
    const { say, frames } = await eavesdropper()
    const ann = await join('ann', { password: 'open sesame' })
    const codes = codesOf(ann)
    await vi.waitFor(() => expect(frames.length).toBeGreaterThan(0), WAIT)
    const lie = { from: 'eve', id: 1, at: 1, kind: 'bye', body: {} }
    say({ type: 'holdfast', ...lie })
    say({ type: 'holdfast', sealed: btoa('not sealed with this key at all') })
    await vi.waitFor(() => expect(codes).toContain('wrong-password'), WAIT)
    expect(ann.presence().size).toBe(0)
    expect(ann.hasHeardPeer).toBe(false)
  })

  it('makes nobody else lose anything by garbage', async () => {
    const { say } = await eavesdropper()
    const [ann, ben] = [await join('ann'), await join('ben')]
    const update = { type: 'holdfast', from: 'eve', at: 1, kind: 'update' }
    for (let id = 0; id < 200; id += 1) say({ ...update, id, body: { u: btoa(`garbage ${id}`) } })
    await publish(ann)
    await vi.waitFor(() => expect(ben.registers().get(ann.voter)?.seq).toBe(1), WAIT)
  })
})

describe('a wrong password', () => {
  it('is told as a warning to both sides, keeps them apart and rejects nothing', async () => {
    const ann = await join('ann', { password: 'right' })
    const codes = codesOf(ann)
    const eve = await join('eve', { password: 'wrong' })
    const heard = codesOf(eve)
    ann.announce({ muted: ['camera'] })
    await vi.waitFor(() => expect(codes).toContain('wrong-password'), WAIT)
    await vi.waitFor(() => expect(heard).toContain('wrong-password'), WAIT)
    expect(ann.presence().size + eve.presence().size).toBe(0)
  })

  it('is told where one has none at all', async () => {
    const ann = await join('ann')
    const codes = codesOf(ann)
    const ben = await join('ben', { password: 'right' })
    const heard = codesOf(ben)
    await vi.waitFor(() => expect(codes).toContain('wrong-password'), WAIT)
    ann.announce({ muted: ['camera'] })
    await vi.waitFor(() => expect(heard).toContain('wrong-password'), WAIT)
  })
})

describe('who can write into the document, a document server included', () => {
  it('cannot speak for others: what it writes under their voter is ignored and what it deletes comes back', async () => {
    const server = await hocuspocus()
    const links = [yjsLink(server.make)]
    const [ann, ben] = [
      await join('ann', { signaling: [], links }),
      await join('ben', { signaling: [], links }),
    ]
    const codes = codesOf(ben)
    await publish(ann)
    await vi.waitFor(() => expect(ben.registers().has(ann.voter)).toBe(true), WAIT)
    const doc = new Doc()
    open.push({ close: () => hostile.destroy() })
    const hostile = await server.make({ doc, awareness: new Awareness(doc), room })
    const map = doc.getMap<string>('registers')
    await vi.waitFor(() => expect(map.has(ann.voter)).toBe(true), WAIT)
    const [key, entry] = [...map.entries()].find(([name]) => name === ann.voter) ?? ['', '']
    map.set(key, entry.replace('"q":1', '"q":9'))
    await vi.waitFor(() => expect(codes).toContain('register-forged'), WAIT)
    expect(ben.registers().get(ann.voter)?.seq).toBe(1)
    map.delete(key)
    await vi.waitFor(() => expect(map.get(key)).toBe(entry), WAIT)
    expect(ben.registers().get(ann.voter)?.seq).toBe(1)
    await Promise.all(open.splice(0).map((one) => one.close()))
    await server.stop()
  })
})
