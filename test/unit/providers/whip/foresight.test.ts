import { describe, expect, it } from 'vitest'
import type { WhipContext } from '../../../../src/providers/whip/context.js'
import { createForesight } from '../../../../src/providers/whip/foresight.js'
import type { Receiving, Spares } from '../../../../src/providers/whip/receiving.js'
import { whipSettings } from '../../../../src/providers/whip/settings.js'
import { manualClock } from '../../document/manual-clock.js'

/** Foresight over peer connections that only remember what was done to them. */
function rig() {
  const clock = manualClock()
  const posted: string[] = []
  const ended: string[] = []
  let closed = 0
  const receiving = (): Receiving => ({
    pc: {
      setRemoteDescription: async () => undefined,
      close: () => {
        closed += 1
      },
    } as unknown as RTCPeerConnection,
    lines: (['microphone', 'camera'] as const).map((source) => ({
      source,
      transceiver: {} as RTCRtpTransceiver,
    })),
    offer: Promise.resolve({ sdp: 'v=0', applied: Promise.resolve() }),
  })
  const answer = async (address: string, init: RequestInit): Promise<Response> => {
    if (init.method === 'DELETE') ended.push(address)
    else posted.push(address)
    const isPost = init.method === 'POST'
    const headers = isPost ? { location: `${address}/1` } : undefined
    return new Response(isPost ? 'v=0' : '', { status: isPost ? 201 : 200, ...(headers ? { headers } : {}) })
  }
  const context = {
    settings: whipSettings({ id: 'east', url: 'https://sfu.example' }),
    seat: { fetch: answer, clock, bearer: async () => undefined },
    clock,
    scope: new AbortController().signal,
  } as unknown as WhipContext
  const spares: Spares = { fill: () => undefined, take: receiving, close: () => undefined }
  const foresight = createForesight({ context, spares, room: 'r', peer: 'me' })
  const tell = (event: string, data: object): void => foresight.hear(JSON.stringify({ event, data }))
  return { clock, foresight, tell, posted, ended, closed: () => closed }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
const ANA = new URL('https://sfu.example/whep/r/ana.1')

describe('foresight', () => {
  it('subscribes to whom the server names, never to ourselves and to nobody twice', async () => {
    const { tell, posted } = rig()
    tell('publishers', { publishers: [{ peer: 'ana.1' }, { peer: 'me.7' }] })
    tell('published', { peer: 'ana.1' })
    tell('published', { peer: 'bob.2' })
    await settled()
    expect(posted).toEqual([ANA.href, 'https://sfu.example/whep/r/bob.2'])
  })

  it('hands a subscription over once, to whoever names its address', async () => {
    const { tell, foresight, ended, clock } = rig()
    tell('published', { peer: 'ana.1' })
    expect(foresight.take(new URL('https://sfu.example/whep/r/bob.2'), ['microphone', 'camera'])).toBeNull()
    const foreseen = foresight.take(ANA, ['screen-audio', 'screen'])
    expect(foreseen?.receiving.lines.map(({ source }) => source)).toEqual(['screen-audio', 'screen'])
    expect(foresight.take(ANA, ['microphone', 'camera'])).toBeNull()
    clock.advance(10_000)
    await settled()
    expect(ended).toEqual([])
  })

  it('gives up what nobody claims, and opens few for a server that floods it with names', async () => {
    const { tell, posted, ended, clock, closed } = rig()
    for (let index = 0; index < 50; index += 1) tell('published', { peer: `x${index}.1` })
    await settled()
    expect(posted).toHaveLength(4)
    clock.advance(3_000)
    await settled()
    expect(closed()).toBe(4)
    expect(ended).toHaveLength(4)
  })

  it('hears nothing in what is no event of ours', async () => {
    const { foresight, posted } = rig()
    for (const text of ['', '{', 'null', '{"event":"published","data":{}}', '[]']) foresight.hear(text)
    await settled()
    expect(posted).toEqual([])
  })
})
