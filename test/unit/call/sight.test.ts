import { describe, expect, it } from 'vitest'
import { createSightBook } from '../../../src/call/sight.js'

const book = () => {
  let now = 0
  const clock = { now: () => now, wallNow: () => now, after: () => () => undefined }
  return {
    sight: createSightBook(clock),
    advance: (byMs: number) => {
      now += byMs
    },
  }
}

describe('sight book', () => {
  it('blocks a provider longer after each failed connect, but never for more than eight seconds', () => {
    const { sight, advance } = book()
    const waits: number[] = []
    for (let failure = 0; failure < 6; failure += 1) {
      sight.connectFailed('east')
      let waited = 0
      while (sight.blocked().has('east')) {
        advance(100)
        waited += 100
      }
      waits.push(waited)
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 8000])
  })

  it('a working connection clears every doubt', () => {
    const { sight } = book()
    sight.connectFailed('east')
    expect(sight.of('east')).toBe('unreachable')
    sight.note('east', 'ok')
    expect(sight.of('east')).toBe('ok')
    expect(sight.blocked().size).toBe(0)
    expect(sight.failures('east')).toBe(0)
  })

  it('a provider seen dead stays dead when it cannot be reached either', () => {
    const { sight } = book()
    sight.note('east', 'dead')
    sight.connectFailed('east')
    expect(sight.all()).toEqual({ east: 'dead' })
  })

  it('forgets a doubt that nobody renewed, so that a revived provider is considered again', () => {
    const { sight, advance } = book()
    sight.note('east', 'dead')
    advance(30_000)
    expect(sight.of('east')).toBe('unknown')
    expect(sight.all()).toEqual({})
  })

  it('a new network forgives what could not be reached over the old one, and not who is dead', () => {
    const { sight } = book()
    sight.connectFailed('east')
    sight.note('west', 'dead')
    sight.connectFailed('west')
    sight.forgive()
    expect(sight.of('east')).toBe('unknown')
    expect(sight.blocked().has('east')).toBe(false)
    expect(sight.of('west')).toBe('dead')
    expect(sight.blocked().has('west')).toBe(true)
  })

  it('what was seen of a provider before the call moved there is no evidence, and what works stays so', () => {
    const { sight } = book()
    sight.note('west', 'dead')
    sight.connectFailed('west')
    sight.note('east', 'dead')
    sight.note('mesh', 'ok')
    sight.forgive('west')
    sight.forgive('mesh')
    expect(sight.all()).toEqual({ east: 'dead', mesh: 'ok' })
    expect(sight.blocked().size).toBe(0)
    expect(sight.failures('west')).toBe(0)
  })
})
