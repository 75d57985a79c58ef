import { describe, expect, it } from 'vitest'
import { createDirectories } from '../../../src/call/directories.js'
import { createFakeCore, participantOf } from '../../support/fake-core.js'

const boards = (participants: readonly ReturnType<typeof participantOf>[] = []) => {
  const { document } = createFakeCore()
  return {
    document,
    directories: createDirectories(document, () => new Map(participants.map((one) => [one.id, one]))),
  }
}

describe('directories', () => {
  it('carry the entries of all providers side by side in presence', () => {
    const { document, directories } = boards()
    directories.of('east', 'east-1').announce({ stream: 'a' })
    directories.of('west', 'west-1').announce({ stream: 'b' })
    expect(document.announced.directory).toEqual({ east: { stream: 'a' }, west: { stream: 'b' } })
  })

  it('a connection that leaves never wipes the entry of its successor', () => {
    const { document, directories } = boards()
    const broken = directories.of('east', 'east-1')
    const repaired = directories.of('east', 'east-2')
    broken.announce({ stream: 'old' })
    repaired.announce({ stream: 'new' })
    broken.announce(null)
    expect(document.announced.directory).toEqual({ east: { stream: 'new' } })
    repaired.announce(null)
    expect(document.announced.directory).toEqual({})
  })

  it('show the entries of those who are here, for this provider only', () => {
    const { directories } = boards([
      participantOf('ana', { directory: { east: { stream: 'a' } } }),
      participantOf('bob', { directory: { west: { stream: 'b' } } }),
      participantOf('cleo', { directory: { east: null } }),
    ])
    expect([...directories.of('east', 'east-1').entries()]).toEqual([['ana', { stream: 'a' }]])
  })

  it('refuse an entry that would crowd everybody else out of presence', () => {
    const { document, directories } = boards()
    const board = directories.of('east', 'east-1')
    expect(() => board.announce({ stream: 'x'.repeat(1000) })).toThrow(RangeError)
    expect(document.announced.directory).toBeUndefined()
    board.announce({ stream: 'x'.repeat(900) })
    expect(document.announced.directory).toBeDefined()
  })

  it('tell when somebody else announced something, until one stops listening', () => {
    const { document, directories } = boards()
    let heard = 0
    const stop = directories.of('east', 'east-1').subscribe(() => {
      heard += 1
    })
    document.fire('presence')
    stop()
    document.fire('presence')
    expect(heard).toBe(1)
  })
})
