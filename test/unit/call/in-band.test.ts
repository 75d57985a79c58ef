/**
 * Whole calls of three pages whose only way to each other is the media provider's data channel: no signaling server,
 * no data channels of their own (Node has no WebRTC), no links of the app.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { decodeUpdate } from 'yjs'
// Loaded ahead: on a busy machine the import takes longer than the virtual time of a test.
import '../../../src/document/in-band.js'
import { fromBase64 } from '../../../src/document/base64.js'
import { createFrameJoiner } from '../../../src/document/data-frames.js'
import type { MemoryHub } from '../../../src/providers/memory.js'
import { type NodeCall, type NodeCalls, nodeCalls } from '../../support/node-calls.js'

vi.setConfig({ testTimeout: 60_000 })

// Participants of one page share its document; here each is a page of its own.
vi.mock('../../../src/document/open-document.js', async (load) => {
  const actual = await load<typeof import('../../../src/document/open-document.js')>()
  return { ...actual, openDocument: (options: never) => actual.openDocument(options, new Map()) }
})

/** A message of the document as somebody sent it. */
interface Sent {
  readonly from: string
  readonly kind: string
  /** Who has written what it carries, by Yjs client. */
  readonly authors: readonly number[]
}

let calls: NodeCalls
let room = 0

afterEach(() => calls.close())

/** Notes what the members of a hub send each other. */
function listenOn({ wire }: MemoryHub, sent: Sent[]): void {
  const enter = wire.enter.bind(wire)
  const join = createFrameJoiner()
  Object.assign(wire, {
    enter: async (...request: Parameters<typeof enter>) => {
      const member = await enter(...request)
      const [, from] = request
      return {
        ...member,
        send(bytes: Uint8Array, to: string | undefined) {
          const whole = join(from, bytes)
          if (whole !== null) sent.push(readSent(from, whole))
          member.send(bytes, to)
        },
      }
    },
  })
}

function readSent(from: string, whole: Uint8Array): Sent {
  const { kind, body } = JSON.parse(new TextDecoder().decode(whole)) as { kind: string; body: { u?: string } }
  const update = kind === 'update' && body.u !== undefined ? fromBase64(body.u) : null
  const structs = update === null ? [] : decodeUpdate(update).structs
  return { from, kind, authors: [...new Set(structs.map(({ id }) => id.client))] }
}

/** Three people who hear each other over `east` alone. */
async function three(): Promise<{ readonly all: readonly NodeCall[]; readonly sent: Sent[] }> {
  room += 1
  calls = nodeCalls(`in-band-${room}`)
  const sent: Sent[] = []
  for (const hub of [calls.east, calls.west]) listenOn(hub, sent)
  const all = [await calls.open('ana'), await calls.open('bob'), await calls.open('cyd')]
  await calls.until('all are live and agree', () =>
    all.every(({ last }) => last.state === 'live' && last.peers.length === 2),
  )
  await calls.until('one committee of three', () =>
    all.every(({ last }) => last.agreement.committee.length === 3 && last.agreement.status === 'committed'),
  )
  return { all, sent }
}

describe('a call whose only way is the data channel of its provider', () => {
  it('commits a switch everywhere, once, and names in-band as the way', async () => {
    const { all } = await three()
    for (const { last, id } of all) {
      const peers = all.map((one) => one.id).filter((one) => one !== id)
      const [link, ...more] = last.links.filter(({ paths }) => paths.length > 0)
      expect(link).toMatchObject({ kind: 'in-band', state: 'connected' })
      expect([...(link?.peers ?? [])].sort()).toEqual(peers)
      expect(new Set([link, ...more].map((one) => one?.kind))).toEqual(new Set(['in-band']))
    }
    const from = all[0]?.last.agreement.epoch ?? 0
    await calls.settled(Promise.resolve(all[1]?.session.switchTo('west', 'in-band carries it')))
    await calls.until('all are on west', () =>
      all.every(({ last }) => last.agreement.provider === 'west' && last.state === 'live'),
    )
    expect(new Set(all.map(({ last }) => last.agreement.epoch)).size).toBe(1)
    expect(all[0]?.last.agreement.epoch).toBe(from + 1)
    for (const { last, moments } of all) {
      expect(last.agreement.decided.at(-1)?.provider).toBe('west')
      const asked = moments.findLast(({ name }) => name === 'switch-started')
      expect(JSON.stringify(asked?.event)).toContain('in-band carries it')
    }
  })

  it('sends nobody what it has heard from others, on the same connection or on the standby', async () => {
    const { all, sent } = await three()
    await calls.settled(Promise.resolve(all[0]?.session.switchTo('west', 'to have something to say')))
    await calls.until('all are on west', () => all.every(({ last }) => last.agreement.provider === 'west'))
    await calls.run(3000)
    const authors = new Map<string, Set<number>>()
    for (const { from, kind, authors: wrote } of sent)
      if (kind === 'update') authors.set(from, new Set([...(authors.get(from) ?? []), ...wrote]))
    expect([...authors.keys()].sort()).toEqual(['ana', 'bob', 'cyd'])
    for (const wrote of authors.values()) expect(wrote.size).toBe(1)
    expect(new Set([...authors.values()].flatMap((wrote) => [...wrote])).size).toBe(3)
  })
})
