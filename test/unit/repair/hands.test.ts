/** Strategies carried out on a pretended call: what they touch, and what they accept as proof. */
import { describe, expect, it } from 'vitest'
import { STRATEGY_IDS } from '../../../src/recovery/strategy.js'
import { createHands, type RunResult } from '../../../src/repair/hands.js'
import { type FakeWorld, fakeWorld, targetOf } from '../../support/fake-world.js'

const NEVER = new AbortController().signal
/** Longer than every strategy's own limit. */
const LONG_MS = 70_000

async function finished(world: FakeWorld, run: Promise<RunResult>, limitMs = LONG_MS): Promise<RunResult> {
  let result: RunResult | null = null
  void run.then((ended) => {
    result = ended
  })
  for (let passed = 0; passed < limitMs && result === null; passed += 100) await world.pass(100)
  return run
}

describe('hands', () => {
  it('P56 every built-in strategy has its hand, and none throws where there is nothing to repair', async () => {
    const world = fakeWorld({ connections: () => [] })
    const hands = createHands(world)
    for (const id of STRATEGY_IDS) {
      const { outcome, why } = await finished(world, hands.run(id, targetOf(), NEVER))
      expect([id, outcome]).toEqual([id, 'failed'])
      expect(why).not.toBe('unknown-strategy')
      expect(why).not.toBe('error')
    }
    expect((await hands.run('prayer', targetOf(), NEVER)).why).toBe('unknown-strategy')
    hands.close()
  })

  it('P57 a key frame is asked of adapter and sender, and only one that is decoded proves it', async () => {
    const world = fakeWorld()
    const camera = world.receive('bea', 'camera')
    camera.counts.framesDecoded = 50
    const hands = createHands(world)
    const target = targetOf({ peer: 'bea', media: 'video', kind: 'frame-corruption' })
    const run = hands.run('key-frame', target, NEVER)
    await world.pass(100)
    expect(world.asked).toContain('key-frame bea/camera')
    expect(world.asked.find((one) => one.startsWith('ask bea'))).toContain('"type":"key-frame"')
    camera.counts.framesDecoded += 20
    await world.pass(100)
    camera.counts.keyFramesDecoded += 1
    camera.counts.framesDecoded += 5
    const { outcome, why, gapMs } = await finished(world, run)
    expect([outcome, why]).toEqual(['succeeded', 'flowing'])
    expect(gapMs).toBeGreaterThanOrEqual(200)
  })

  it('P57 broken pictures that go on without a key frame are no success', async () => {
    const world = fakeWorld()
    const camera = world.receive('bea', 'camera')
    camera.counts.framesDecoded = 50
    const hands = createHands(world)
    const run = hands.run('key-frame', targetOf({ peer: 'bea', media: 'video' }), NEVER)
    for (let frames = 0; frames < 20; frames += 1) {
      camera.counts.framesDecoded += 3
      await world.pass(100)
    }
    expect((await finished(world, run)).why).toBe('timeout')
  })

  it('a connection repair is proven by every flow that was there, not by one of them', async () => {
    const world = fakeWorld()
    const camera = world.receive('bea', 'camera')
    const sound = world.receive('bea', 'microphone')
    const silent = world.receive('cyd', 'microphone')
    camera.counts.framesDecoded = 50
    sound.counts.packetsReceived = 500
    const hands = createHands(world)
    const run = hands.run('ice-restart', targetOf(), NEVER)
    await world.pass(200)
    camera.counts.framesDecoded += 100
    silent.counts.packetsReceived = 0
    await world.pass(1_000)
    let result: RunResult | null = null
    void run.then((ended) => {
      result = ended
    })
    await world.pass(100)
    expect(result).toBeNull()
    sound.counts.packetsReceived += 50
    expect((await finished(world, run)).outcome).toBe('succeeded')
  })

  it('what died before the repair began is still waited for in the next try', async () => {
    const world = fakeWorld()
    const camera = world.receive('bea', 'camera')
    camera.counts.framesDecoded = 50
    const hands = createHands(world)
    expect((await finished(world, hands.run('ice-restart', targetOf(), NEVER))).why).toBe('timeout')
    // A second connection whose receivers have counted nothing yet.
    const fresh = world.receive('bea', 'camera', 'again')
    const run = hands.run('reconnect', targetOf(), NEVER)
    await world.pass(1_000)
    fresh.counts.framesDecoded = 1
    await world.pass(500)
    fresh.counts.framesDecoded = 30
    expect((await finished(world, run)).outcome).toBe('succeeded')
    expect(world.asked).toContain('replace east-1')
  })

  it('receiving anew is proven by the new stream alone', async () => {
    const world = fakeWorld()
    const old = world.receive('bea', 'camera')
    old.counts.framesDecoded = 50
    // Where a server gives the same receiver again, its buffer is the browser's again.
    old.jitterBufferTarget = 4_000
    const hands = createHands(world)
    const run = hands.run('rebuild-receive', targetOf({ peer: 'bea', media: 'video' }), NEVER)
    await world.pass(500)
    expect(old.jitterBufferTarget).toBeNull()
    old.counts.framesDecoded += 100
    await world.pass(500)
    const fresh = world.receive('bea', 'camera', 'fresh')
    await world.pass(300)
    fresh.counts.framesDecoded = 10
    expect((await finished(world, run)).outcome).toBe('succeeded')
    expect(world.asked).toContain('resubscribe bea')
  })

  it('P58 received anew is in step only when it is measured so, whatever the detectors say', async () => {
    const world = fakeWorld()
    const sound = world.receive('bea', 'microphone')
    const picture = world.receive('bea', 'camera')
    sound.counts.playoutAtMs = 3_000
    picture.counts.playoutAtMs = 1_000
    const hands = createHands(world)
    const target = targetOf({ peer: 'bea', media: 'video', kind: 'sync-loss', value: 2_000 })
    const receiveAnew = async (name: string, pictureBehindMs: number): Promise<RunResult> => {
      const run = hands.run('resync-full', target, NEVER)
      await world.pass(500)
      const fresh = (['microphone', 'camera'] as const).map((source) =>
        world.receive('bea', source, `${name} ${source}`),
      )
      await world.pass(300)
      for (const { counts } of fresh) Object.assign(counts, { framesDecoded: 10, packetsReceived: 10 })
      for (const { counts } of fresh) counts.playoutAtMs = 5_000
      Object.assign(fresh[1]?.counts ?? {}, { playoutAtMs: 5_000 - pictureBehindMs })
      world.over.add('i1')
      return finished(world, run)
    }
    expect((await receiveAnew('late', 2_000)).why).toBe('timeout')
    expect(await receiveAnew('in step', 80)).toMatchObject({ outcome: 'succeeded', why: 'over' })
  })

  it('a failed connection ends the run at once', async () => {
    const world = fakeWorld()
    world.receive('bea', 'camera').counts.framesDecoded = 50
    const run = createHands(world).run('ice-restart', targetOf(), NEVER)
    await world.pass(100)
    world.status = { state: 'failed', isRecoverable: false }
    expect((await finished(world, run, 1_000)).why).toBe('dead')
  })

  it('a run is cancelled by its signal, also while the hand hangs', async () => {
    const world = fakeWorld()
    world.onReplace = () => new Promise(() => undefined)
    const cancelling = new AbortController()
    const run = createHands(world).run('reconnect', targetOf(), cancelling.signal)
    await world.pass(500)
    cancelling.abort()
    expect(await run).toMatchObject({ outcome: 'cancelled' })
  })

  it('relayed paths are undone by direct ones, and a token that nobody has is no repair', async () => {
    const world = fakeWorld()
    const hands = createHands(world)
    expect((await finished(world, hands.run('relay-only', targetOf(), NEVER))).outcome).toBe('succeeded')
    expect((await finished(world, hands.undo('relay-only', targetOf()))).outcome).toBe('succeeded')
    expect(world.asked).toEqual(['replace east-1 relay', 'replace east-1'])
    world.token = undefined
    expect((await finished(world, hands.run('refresh-token', targetOf(), NEVER))).why).toBe('no-token')
  })

  it('waiting, asking and the control plane succeed only when the incident is over', async () => {
    const world = fakeWorld()
    const hands = createHands(world)
    for (const [id, wish] of [
      ['wait', null],
      ['ask-user', 'user device camera'],
      ['rebuild-control-plane', 'links'],
    ] as const) {
      world.over.clear()
      const run = hands.run(id, targetOf({ kind: 'device-failure', media: 'video' }), NEVER)
      await world.pass(500)
      if (wish) expect(world.asked).toContain(wish)
      world.over.add('i1')
      expect(await finished(world, run)).toMatchObject({ outcome: 'succeeded', why: 'over' })
    }
  })

  it('tells what can be done to a target', () => {
    const world = fakeWorld()
    world.receive('bea', 'camera')
    world.send('camera')
    const hands = createHands(world)
    expect(hands.look(targetOf({ peer: 'bea' }))).toMatchObject({
      ...{ isConnected: true, keyFrame: true, iceRestart: true, resubscribe: true, codecs: false },
      ...{ relayOnly: true, jitterBuffer: true, qualityStep: 0, qualitySteps: 5, device: 'fine' },
    })
    expect(hands.look(targetOf()).codecs).toBe(true)
  })
})
