import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseProviders } from '../../../src/call/choice.js'
import { aRecord, aRegister } from '../consensus/support.js'

const head = aRecord(['a'])
const registerOf = (voter: string, caps: readonly string[]) => aRegister(voter, head, { caps })
const rank = (
  orders: readonly (readonly string[])[],
  more: Partial<Parameters<typeof chooseProviders>[0]> = {},
) =>
  chooseProviders({
    registers: orders.map((caps, index) => registerOf(`v${index}`, caps)),
    except: null,
    sights: [],
    ...more,
  })

describe('the next provider', () => {
  it('is the one that suits all best, not the favourite of whoever asks', () => {
    expect(
      rank([
        ['east', 'west', 'mesh'],
        ['west', 'mesh', 'east'],
        ['west', 'east', 'mesh'],
      ])[0],
    ).toBe('west')
  })

  it('is one that everybody can run', () => {
    expect(rank([['east', 'west'], ['west']])).toEqual(['west'])
    expect(rank([['east'], ['west']])).toEqual([])
  })

  it('is never one that somebody sees dead or cannot reach, nor the one to get away from', () => {
    const orders = [['east', 'west', 'mesh']]
    expect(rank(orders, { except: 'east' })).toEqual(['west', 'mesh'])
    expect(rank(orders, { sights: [{ east: 'dead' }, { west: 'unreachable' }] })).toEqual(['mesh'])
    expect(rank(orders, { sights: [{ east: 'suspect' }] })[0]).toBe('east')
  })

  it('does not depend on whose register comes first, so that all who ask ask for the same', () => {
    const order = fc.shuffledSubarray(['east', 'west', 'mesh', 'north'], { minLength: 4 })
    fc.assert(
      fc.property(fc.array(order, { minLength: 1, maxLength: 6 }), (orders) => {
        expect(rank([...orders].reverse())).toEqual(rank(orders))
      }),
    )
  })

  it('is unknown while no register is', () => {
    expect(rank([])).toEqual([])
  })
})
