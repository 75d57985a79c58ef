/** Several signaling servers: all at once, dead ones delay nobody, and the list can be replaced while people talk. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { SharedDocument } from '../../../src/document/index.js'
import { openDocument } from '../../../src/document/open-document.js'
import { serveSignaling, type TestSignaling } from '../../support/signaling.js'
import { makeRecord, makeRegister } from './registers.js'

const WAIT = { timeout: 8000, interval: 10 }
/** Nobody listens there: refused at once. */
const REFUSED = 'ws://127.0.0.1:1'
const open: SharedDocument[] = []
let servers: TestSignaling[] = []
let blackHole: Server
let silentUrl = ''
let waiting = { opened: 0, closed: 0 }

/** A browser's socket throws nothing when it cannot connect. */
class QuietSocket extends WebSocket {
  constructor(url: string) {
    super(url)
    this.on('error', () => undefined)
  }
}

beforeEach(async () => {
  vi.stubGlobal('WebSocket', QuietSocket)
  servers = await Promise.all([serveSignaling(), serveSignaling()])
  // Takes connections and says nothing: what a dead host behind a load balancer looks like.
  waiting = { opened: 0, closed: 0 }
  blackHole = createServer((socket) => {
    waiting.opened += 1
    socket.on('error', () => undefined)
    socket.on('close', () => {
      waiting.closed += 1
    })
  }).listen(0, '127.0.0.1')
  await once(blackHole, 'listening')
  silentUrl = `ws://127.0.0.1:${(blackHole.address() as AddressInfo).port}`
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((document) => document.close()))
  await Promise.all(servers.map((server) => server.close()))
  blackHole.close()
  vi.unstubAllGlobals()
})

async function join(participant: string, signaling: readonly string[]): Promise<SharedDocument> {
  const document = await openDocument({ room: 'several', participant, signaling }, new Map())
  open.push(document)
  return document
}

const publish = (document: SharedDocument, seq: number): Promise<void> =>
  document.publish(makeRegister({ voter: document.voter, seq, head: makeRecord(document.voter) }))

/** Each reads what the other writes now. */
async function expectTalking(ann: SharedDocument, ben: SharedDocument, seq: number): Promise<void> {
  await publish(ann, seq)
  await publish(ben, seq)
  await vi.waitFor(() => {
    expect(ben.registers().get(ann.voter)?.seq).toBe(seq)
    expect(ann.registers().get(ben.voter)?.seq).toBe(seq)
  }, WAIT)
}

describe('a list of signaling servers', () => {
  it('is not held up by dead ones in front: what is heard first is heard over the one that lives', async () => {
    const [live] = servers.map(({ url }) => url)
    const [ann, ben] = await Promise.all([
      join('ann', [silentUrl, REFUSED, live ?? '']),
      join('ben', [REFUSED, silentUrl, live ?? '']),
    ])
    await expectTalking(ann, ben, 1)
    // Nobody has waited for the silent one to be given up: the first attempt at it, which both share, is still under way.
    expect(waiting).toEqual({ opened: 1, closed: 0 })
  })

  it('brings people together whatever their order, as long as one server is in both lists', async () => {
    const [one = '', two = ''] = servers.map(({ url }) => url)
    const ann = await join('ann', [one, two])
    // Ben reaches only the second one; tried in order, ann would sit on the first and never hear of it.
    const ben = await join('ben', [REFUSED, two])
    await expectTalking(ann, ben, 1)
  })

  it('goes on over the second when the first dies in mid-call', async () => {
    const urls = servers.map(({ url }) => url)
    const [ann, ben] = await Promise.all([join('ann', urls), join('ben', urls)])
    await expectTalking(ann, ben, 1)
    await servers[0]?.kill()
    await expectTalking(ann, ben, 2)
  })

  it('is replaced while people talk, without a gap, and a server that was added late is used', async () => {
    const [one = '', two = ''] = servers.map(({ url }) => url)
    const [ann, ben] = await Promise.all([join('ann', [one]), join('ben', [one])])
    await expectTalking(ann, ben, 1)
    ann.setSignaling([one, two])
    ben.setSignaling([two])
    await expectTalking(ann, ben, 2)
    await servers[0]?.kill()
    await expectTalking(ann, ben, 3)
    // The old one stays until one of the new can be reached; one that cannot changes nothing.
    ben.setSignaling([REFUSED])
    await expectTalking(ann, ben, 4)
    expect(() => ann.setSignaling(['http://not-a-socket'])).toThrow(/signaling/)
    await expectTalking(ann, ben, 5)
  })
})
