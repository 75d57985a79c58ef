import { beforeEach, describe, expect, it } from 'vitest'
import type { PoolEntry } from '../../../src/call/connections.js'
import { isOverdue } from '../../../src/call/repair-wait.js'
import { createFakeCore, type FakeCore, readingOf } from '../../support/fake-core.js'

let core: FakeCore
let replacement: PoolEntry

const expected = new Map([
  ['bob', ['camera', 'microphone']],
  ['cleo', ['microphone']],
])

function isOverdueAfter(ms: number, entry: PoolEntry | null = replacement): boolean {
  return isOverdue(ms, core, entry, readingOf(core, { expected }))
}

beforeEach(() => {
  core = createFakeCore()
  replacement = core.pool.add('east')
})

describe('the time that a repair of the path has', () => {
  it('is four seconds where nothing comes of it', () => {
    expect(isOverdueAfter(4_000)).toBe(false)
    expect(isOverdueAfter(4_001)).toBe(true)
    expect(isOverdueAfter(4_001, null)).toBe(true)
    core.remote.flowing.add(replacement.id)
    replacement.state = 'connecting'
    expect(isOverdueAfter(4_001)).toBe(true)
  })

  it('P03 is eight where media of somebody arrives: whose device is dead must not have it torn down again and again', () => {
    core.remote.flowing.add(replacement.id)
    core.remote.silent.add('bob/camera').add('cleo/microphone')
    expect(isOverdueAfter(8_000)).toBe(false)
    expect(isOverdueAfter(8_001)).toBe(true)
    core.remote.silent.add('bob/microphone')
    expect(isOverdueAfter(4_001)).toBe(true)
  })
})
