import { beforeEach, describe, expect, it } from 'vitest'
import { createPeerEvidence, type PeerEvidence } from '../../../src/call/peer-evidence.js'
import { createFakeCore, type FakeCore, presenceOf } from '../../support/fake-core.js'

let core: FakeCore
let evidence: PeerEvidence

beforeEach(() => {
  core = createFakeCore()
  evidence = createPeerEvidence(() => core)
  core.document.pages.set('v1', presenceOf('ana', { heardAtMs: 1000 }))
})

describe('evidence of peers', () => {
  it('P14 has heartbeats over any link and media on any connection, newest of each', () => {
    evidence.onMedia('ana', 1500)
    evidence.onMedia('ana', 1400)
    expect(evidence.heard().peers).toEqual([
      { participant: 'ana', beatAtMs: 1000, mediaAtMs: 1500, beatEveryMs: 1000, isExcused: false },
    ])
  })

  it('the page heard last speaks for somebody who has several, as after a refresh', () => {
    core.document.pages.set('v2', presenceOf('ana', { session: 'again', voter: 'v2', heardAtMs: 3000 }))
    expect(evidence.heard().peers.map(({ beatAtMs }) => beatAtMs)).toEqual([3000])
  })

  it('P14 says who announced that its page is frozen', () => {
    core.document.pages.set('v1', presenceOf('ana', { page: 'frozen' }))
    expect(evidence.heard().peers[0]?.isExcused).toBe(true)
  })

  it('who has left is forgotten at once, and so is what was suspected', () => {
    evidence.take([{ participant: 'ana', level: 'suspect', silentForMs: 1300, isOwnPath: false }])
    expect(core.suspicions.get('ana')?.level).toBe('suspect')
    core.document.pages.set('v1', presenceOf('ana', { hasLeft: true }))
    expect(evidence.heard().peers).toEqual([])
    expect(core.suspicions.size).toBe(0)
  })
})
