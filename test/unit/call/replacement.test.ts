/** A second connection takes the place of the first when media arrives on it, and leaves no trace when none does. */
import { describe, expect, it } from 'vitest'
import type { PoolEntry } from '../../../src/call/connections.js'
import { replaceConnection } from '../../../src/call/replacement.js'
import { createFakeCore, type FakeCore, readingOf } from '../../support/fake-core.js'

async function pass(core: FakeCore, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 25) {
    core.clock.advance(25)
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
}

function callOnEast(): { readonly core: FakeCore; readonly old: PoolEntry } {
  const core = createFakeCore()
  const old = core.pool.add('east')
  core.currentEntryId = old.id
  core.reading = readingOf(core, { current: old, expected: new Map([['bea', ['camera']]]) })
  return { core, old }
}

const freshOf = (core: FakeCore): PoolEntry => core.pool.entries().at(-1) as PoolEntry

describe('replacing a connection', () => {
  it('swaps when everybody’s media is there, and closes the old one when it is shown', async () => {
    const { core, old } = callOnEast()
    const replacing = replaceConnection(core, old, false, () => false)
    const fresh = freshOf(core)
    expect([...core.held]).toEqual([old.id, fresh.id])
    fresh.state = 'connected'
    await pass(core, 100)
    expect(core.remote.preferred).toEqual([fresh.id])
    expect(core.currentEntryId).toBe(old.id)
    core.remote.flowing.add(fresh.id)
    await pass(core, 100)
    expect(await replacing).toBe(fresh)
    expect(core.currentEntryId).toBe(fresh.id)
    expect(core.pool.entries()).toContain(old)
    core.reading = readingOf(core, { current: fresh, isShown: true })
    await pass(core, 100)
    expect(core.pool.entries()).toEqual([fresh])
    expect(core.held.size).toBe(0)
  })

  it.each([
    ['it fails', (entry: PoolEntry) => Object.assign(entry, { state: 'failed' }), 'provider-network'],
    ['somebody else takes over', () => undefined, 'closed'],
  ])('changes nothing when %s', async (_, change, code) => {
    const { core, old } = callOnEast()
    let isGivenUp = false
    const replacing = replaceConnection(core, old, true, () => isGivenUp)
    const rejection = replacing.catch((error: { code: string }) => error.code)
    const fresh = freshOf(core)
    fresh.state = 'connected'
    await pass(core, 100)
    change(fresh)
    isGivenUp = true
    await pass(core, 100)
    expect(await rejection).toBe(code)
    expect(core.pool.entries()).toEqual([old])
    expect(core.remote.preferred.at(-1)).toBe(old.id)
    expect([core.currentEntryId, core.held.size]).toEqual([old.id, 0])
  })
})
