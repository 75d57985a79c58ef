import { expect, test } from 'vitest'
import { quorumOf, weightAt } from '../../../src/consensus/quorum.js'

const SIZES = [1, 2, 3, 4, 5, 6, 7]

function subsets(size: number): number[][] {
  return Array.from({ length: 2 ** size }, (_, bits) =>
    Array.from({ length: size }, (_seat, seat) => seat).filter((seat) => bits & (1 << seat)),
  )
}

const weigh = (seats: readonly number[]): number => seats.reduce((sum, seat) => sum + weightAt(seat), 0)
const common = (one: readonly number[], other: readonly number[]): number[] =>
  one.filter((seat) => other.includes(seat))

test('weights add up to the total', () => {
  for (const size of SIZES) expect(quorumOf(size).total).toBe(weigh([...Array(size).keys()]))
})

test('any two classic quorums meet', () => {
  for (const size of SIZES) {
    const quorums = subsets(size).filter((seats) => weigh(seats) >= quorumOf(size).classic)
    expect(quorums.length).toBeGreaterThan(0)
    for (const one of quorums) for (const other of quorums) expect(common(one, other)).not.toHaveLength(0)
  }
})

test('any classic quorum meets any two fast quorums', () => {
  for (const size of SIZES) {
    const classic = subsets(size).filter((seats) => weigh(seats) >= quorumOf(size).classic)
    const fast = subsets(size).filter((seats) => weigh(seats) >= quorumOf(size).fast)
    expect(fast.length).toBeGreaterThan(0)
    const pairs = new Set(fast.flatMap((one) => fast.map((other) => toBits(common(one, other)))))
    for (const one of classic) for (const pair of pairs) expect(toBits(one) & pair).not.toBe(0)
  }
})

test('the least quorums are those of the table in docs/protocol.md', () => {
  const least = (size: number, needed: number): string[] =>
    subsets(size)
      .filter(
        (seats) => weigh(seats) >= needed && seats.every((seat) => weigh(seats) - weightAt(seat) < needed),
      )
      .map((seats) => `${seats.includes(0) ? 'senior+' : ''}${seats.filter((seat) => seat > 0).length}`)
  const table = [1, 2, 3, 4, 5].map((size) => ({
    classic: [...new Set(least(size, quorumOf(size).classic))].sort(),
    fast: [...new Set(least(size, quorumOf(size).fast))].sort(),
  }))
  expect(table).toEqual([
    { classic: ['senior+0'], fast: ['senior+0'] },
    { classic: ['senior+0'], fast: ['senior+1'] },
    { classic: ['2', 'senior+1'], fast: ['senior+2'] },
    { classic: ['3', 'senior+1'], fast: ['senior+2'] },
    { classic: ['3', 'senior+2'], fast: ['senior+3'] },
  ])
})

function toBits(seats: readonly number[]): number {
  return seats.reduce((bits, seat) => bits | (1 << seat), 0)
}
