import { describe, expect, it } from 'vitest'
import { createReadQueue } from '../../../src/document/read-queue.js'
import { manualClock } from './manual-clock.js'

function queueOf(known: ReadonlySet<string>) {
  const clock = manualClock()
  const reads: string[] = []
  let changes = 0
  const queue = createReadQueue({
    clock,
    isKnown: (key) => known.has(key),
    read: async (key) => {
      reads.push(key)
      return true
    },
    onChange: () => {
      changes += 1
    },
  })
  const write = async (key: string): Promise<void> => {
    queue.add(key)
    await queue.drain()
  }
  return { clock, reads, queue, write, changes: () => changes }
}

describe('read queue', () => {
  it('reads what changed in one turn once and together, those we know first', async () => {
    const { reads, queue, changes } = queueOf(new Set(['ann']))
    for (const key of ['x', 'ann', 'y', 'x']) queue.add(key)
    await queue.drain()
    expect(reads).toEqual(['ann', 'x', 'y'])
    expect(changes()).toBe(1)
  })

  it('reads a flooded entry at a bounded pace, and as it is in the end', async () => {
    const { clock, reads, write, queue } = queueOf(new Set(['flood', 'calm']))
    for (let count = 0; count < 2000; count += 1) {
      await write('flood')
      clock.advance(1)
    }
    const inTwoSeconds = reads.length
    expect(inTwoSeconds).toBeLessThanOrEqual(16 + 2 * 8 + 1)
    await write('calm')
    expect(reads.at(-1)).toBe('calm')
    clock.advance(1000)
    await queue.drain()
    expect(reads.at(-1)).toBe('flood')
  })

  it('gives all strangers one allowance, so that invented names gain nothing', async () => {
    const { clock, reads, write } = queueOf(new Set())
    for (let count = 0; count < 3000; count += 1) {
      await write(`stranger-${count}`)
      clock.advance(1)
    }
    expect(reads.length).toBeLessThanOrEqual(256 + 3 * 32 + 32)
  })

  it('reads nothing more when closed', async () => {
    const { clock, reads, queue } = queueOf(new Set())
    queue.add('x')
    queue.close()
    await queue.drain()
    clock.advance(1000)
    expect(reads).toEqual([])
  })
})
