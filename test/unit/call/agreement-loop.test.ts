import { describe, expect, it } from 'vitest'
import { headOf, startAgreementLoop } from '../../../src/call/agreement-loop.js'
import type { CommittedRecord, Register } from '../../../src/consensus/index.js'
import { createFakeCore } from '../../support/fake-core.js'
import { aRecord, aRegister } from '../consensus/support.js'

/** One participant's loop over a document that a test fills. */
function looping(answer: { publish?: (register: Register) => Promise<void> } = {}) {
  const { clock, document } = createFakeCore()
  const published: Register[] = []
  const committed: CommittedRecord[] = []
  const errors: unknown[] = []
  const live = new Set(['me'])
  const parted = new Set<string>()
  let reads = 0
  const hops: string[] = []
  let voter = 'me'
  const loop = startAgreementLoop({
    document: {
      ...document,
      get voter() {
        return voter
      },
      hasHeardPeer: false,
      parted: () => parted,
      async publish(register) {
        await answer.publish?.(register)
        published.push(register)
      },
      async hop() {
        voter = `${voter}-again`
        hops.push(voter)
        return voter
      },
    },
    clock,
    participant: 'me',
    caps: ['east', 'west'],
    live() {
      reads += 1
      return live
    },
    isProviderDead: () => false,
    onCommitted: (record) => committed.push(record),
    onChange: () => undefined,
    onError: (error) => errors.push(error),
  })
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
  return { loop, clock, document, published, committed, errors, live, parted, reads: () => reads, hops, turns }
}

describe('the agreement loop', () => {
  it('comes back when the core asked for it, without anybody calling', () => {
    const { loop, clock } = looping()
    expect(headOf(loop.state)).toBeNull()
    clock.advance(500)
    expect(headOf(loop.state)).toMatchObject({ n: 0, provider: null })
  })

  it('publishes in the order of the writes, also when the first takes longer', async () => {
    let release: () => void = () => undefined
    const first = new Promise<void>((resolve) => {
      release = resolve
    })
    const { loop, clock, published, turns } = looping({
      publish: ({ seq }) => (seq === 1 ? first : Promise.resolve()),
    })
    clock.advance(500)
    loop.want('east')
    loop.warm('east', 'ready')
    clock.advance(500)
    await turns()
    expect(published).toEqual([])
    release()
    await turns()
    const seqs = published.map(({ seq }) => seq)
    expect(seqs.length).toBeGreaterThanOrEqual(2)
    expect([...seqs].sort((a, b) => a - b)).toEqual(seqs)
  })

  it('tells of each decided record once', async () => {
    const { loop, clock, committed, turns } = looping()
    clock.advance(500)
    loop.want('east')
    loop.warm('east', 'ready')
    clock.advance(500)
    await turns()
    for (let time = 0; time < 5; time += 1) loop.poke()
    const keys = committed.map(({ lineage, n }) => `${lineage}/${n}`)
    expect(new Set(keys).size).toBe(keys.length)
    expect(committed.at(-1)?.provider).toBe('east')
  })

  it('answers a hop with a fresh voter and goes on in the better lineage', async () => {
    const { loop, clock, document, live, hops, turns } = looping()
    clock.advance(500)
    await turns()
    const others = ['a', 'b', 'c']
    const record = aRecord(others, { n: 9 })
    for (const voter of others) {
      document.folded.set(voter, aRegister(voter, record))
      live.add(voter)
    }
    document.fire('registers')
    for (let step = 0; step < 20; step += 1) {
      clock.advance(100)
      await turns()
    }
    expect(hops).toEqual(['me-again'])
    expect(headOf(loop.state)).toMatchObject({ n: 9, provider: 'east' })
    expect(loop.state.voter).toBe('me-again')
  })

  it('waits for the fresh voter without a timer that is due over and over', async () => {
    const { loop, clock, document, live, turns } = looping()
    clock.advance(500)
    await turns()
    const record = aRecord(['a', 'b'], { n: 9 })
    for (const voter of record.committee) {
      document.folded.set(voter, aRegister(voter, record))
      live.add(voter)
    }
    document.fire('registers')
    // The manual clock runs every due timer without letting promises go on, so this would never return.
    clock.advance(60_000)
    await turns()
    expect(headOf(loop.state)).toMatchObject({ n: 9 })
  })

  it('reports a publication that failed and goes on', async () => {
    let isBroken = true
    const { loop, clock, errors, published, turns } = looping({
      publish: async () => {
        if (isBroken) throw new Error('refused')
      },
    })
    clock.advance(500)
    await turns()
    expect(errors.length).toBeGreaterThan(0)
    isBroken = false
    loop.want('west')
    await turns()
    expect(published.length).toBeGreaterThan(0)
  })

  it('leaving resolves when the goodbye has been published', async () => {
    const { loop, clock, published } = looping()
    clock.advance(500)
    await loop.leave()
    expect(published.at(-1)?.left).toBe(true)
  })

  it('does nothing more once it was stopped', async () => {
    const { loop, clock, published, turns } = looping()
    loop.stop()
    loop.want('east')
    clock.advance(10_000)
    await turns()
    expect(published).toEqual([])
    expect(headOf(loop.state)).toBeNull()
  })

  it('a poke steps when somebody came, left or closed its tab, and only looks while nothing is new', () => {
    const { loop, live, parted, reads } = looping()
    const cost = (): number => {
      const before = reads()
      loop.poke()
      return reads() - before
    }
    expect(cost()).toBe(1)
    for (const change of [() => live.add('bob'), () => parted.add('bob'), () => live.delete('bob')]) {
      change()
      expect(cost()).toBe(2)
      expect(cost()).toBe(1)
    }
  })
})
