import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock.js'
import type { SampleBatch } from '../../../src/worker/protocol.js'
import { createSampler, type SampledConnection } from '../../../src/worker/sampler.js'

/** A peer connection on which two people's pictures arrive, as behind a server that has one for everybody. */
function sharedByTwo(): { source: SampledConnection; clock: Clock } {
  const clock: Clock = { now: () => 1_000, wallNow: () => 1_000, after: () => () => undefined }
  const receivers = ['a', 'b'].map((id) => ({
    track: { id, kind: 'video', enabled: true, muted: false, readyState: 'live' },
    transport: { state: 'connected' },
    getSynchronizationSources: () => [{ timestamp: clock.now() }],
  }))
  const rows = receivers.map(({ track }, index) => ({
    ...{ type: 'inbound-rtp', id: `in-${track.id}`, kind: 'video', trackIdentifier: track.id, ssrc: index },
  }))
  const pc = {
    ...{ signalingState: 'stable', connectionState: 'connected', iceConnectionState: 'connected' },
    getReceivers: () => receivers,
    getSenders: () => [],
    getStats: async () => new Map(rows.map((row) => [row.id, row])),
  } as unknown as RTCPeerConnection
  const source: SampledConnection = {
    ...{ connectionId: 'c1', provider: 'east', role: 'current', hasServer: true },
    ...{ expectsInbound: true, expectsOutbound: false },
    entries: [{ id: 'recv', pc, role: 'recv', peer: null }],
    tracks: [
      { peer: 'ana', track: { id: 'a' } },
      { peer: 'bob', track: { id: 'b' } },
    ],
  }
  return { source, clock }
}

describe('the sampler', () => {
  it('knows whose media it is where one peer connection carries several people', async () => {
    const { source, clock } = sharedByTwo()
    const batches: SampleBatch[] = []
    const heard = new Set<string>()
    const sampler = createSampler({
      ...{ clock, sources: () => [source], isOnline: () => true },
      onBatch: (batch) => batches.push(batch),
      onMedia: (peer) => heard.add(peer),
    })
    sampler.tick(true)
    await expect.poll(() => batches.at(-1)?.connections[0]?.peers).toEqual(['ana', 'bob'])
    expect([...heard]).toEqual(['ana', 'bob'])
    sampler.stop()
  })
})
