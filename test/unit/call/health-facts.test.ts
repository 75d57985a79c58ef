import { afterEach, describe, expect, it } from 'vitest'
import { createFactsReader, type FactsReader } from '../../../src/call/health-facts.js'
import { watchTokens } from '../../../src/call/token-expiry.js'
import type { Admission } from '../../../src/document/admission.js'
import { createFakeCore, type FakeCore, participantOf, readingOf } from '../../support/fake-core.js'

let reader: FactsReader | null = null

afterEach(() => {
  reader?.stop()
  reader = null
})

/** A token that says when it runs out, as servers sign it; nobody here checks the signature. */
function tokenUntil(expiresAtMs: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'ES256' })}.${part({ exp: expiresAtMs / 1_000, for: '>>>???' })}.c2lnbmF0dXJl`
}

function coreWith(token: (provider: string) => Promise<string | undefined> = async () => undefined): FakeCore {
  const core = createFakeCore()
  return Object.assign(core, {
    options: { ...core.options, token: watchTokens(token) },
    reading: readingOf(core),
  })
}

function factsOf(core: FakeCore) {
  reader ??= createFactsReader(core, null)
  return reader.read()
}

describe('what the page tells the detectors', () => {
  it('is how long the token of the current provider still holds, as far as the token says so', async () => {
    const tokens: Record<string, string> = { west: tokenUntil(1_000) }
    const core = coreWith(async (provider) => tokens[provider])
    const now = core.clock.wallNow()
    expect(factsOf(core).tokenLeftMs).toBeNull()
    tokens.east = tokenUntil(now + 90_000)
    expect(await core.options.token('east')).toBe(tokens.east)
    await core.options.token('west')
    expect(factsOf(core).tokenLeftMs).toBe(90_000)
    core.clock.advance(30_000)
    expect(factsOf(core).tokenLeftMs).toBe(60_000)
    for (const opaque of ['opaque', 'a.b.c', `a.${btoa('null')}.c`, `a.${btoa('{"exp":"soon"}')}.c`]) {
      tokens.east = opaque
      await core.options.token('east')
      expect(factsOf(core).tokenLeftMs).toBeNull()
    }
  })

  it('is an own admission that should have been renewed by now, and none that will be', () => {
    const core = coreWith()
    const expiresAtMs = core.clock.wallNow() + 100_000
    const admission: Admission = { participant: 'me', role: null, expiresAtMs, claims: {} }
    Object.assign(core.document, { admissions: () => new Map([[core.document.voter, admission]]) })
    expect(factsOf(core).tokenLeftMs).toBeNull()
    core.clock.advance(72_000)
    expect(factsOf(core).tokenLeftMs).toBeNull()
    core.clock.advance(8_000)
    expect(factsOf(core).tokenLeftMs).toBe(20_000)
  })

  it('is what media ever came from whom, also when its track is another one by now, until somebody leaves', () => {
    const core = coreWith()
    const came = () => factsOf(core).peers.map(({ id, came: kinds }) => [id, kinds])
    const show = (kinds: readonly string[]) =>
      Object.assign(core.remote, {
        hasCome: (peer: string, kind: string) => peer === 'bob' && kinds.includes(kind),
      })
    const withPeers = (...ids: readonly string[]) => {
      const participants = new Map(ids.map((id) => [id, participantOf(id)]))
      Object.assign(core, { reading: readingOf(core, { participants }) })
    }
    withPeers('ana', 'bob')
    expect(came()).toEqual([
      ['ana', []],
      ['bob', []],
    ])
    show(['video'])
    expect(came()).toEqual([
      ['ana', []],
      ['bob', ['video']],
    ])
    show(['audio'])
    expect(came()).toEqual([
      ['ana', []],
      ['bob', ['audio', 'video']],
    ])
    withPeers('ana')
    came()
    show([])
    withPeers('ana', 'bob')
    expect(came()).toEqual([
      ['ana', []],
      ['bob', []],
    ])
  })

  it('is what waits in the data channels of the document, where it has any', () => {
    const core = coreWith()
    const link = { kind: 'webrtc', state: 'connected', peers: [], paths: [] }
    expect(factsOf(core).queuedBytes).toBeNull()
    Object.assign(core.document, {
      links: [
        { ...link, queuedBytes: 700 },
        { ...link, kind: 'signaling' },
      ],
    })
    expect(factsOf(core).queuedBytes).toBe(700)
  })
})
