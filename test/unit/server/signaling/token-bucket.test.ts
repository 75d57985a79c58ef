import { expect, it } from 'vitest'
import { tokenBucket } from '../../../../src/server/signaling/token-bucket.js'

it('allows a burst at once and then as much as the rate, however it is asked', () => {
  const bucket = tokenBucket(10, 5, 0)
  const takeAll = (atMs: number): number => {
    let count = 0
    while (bucket.take(1, atMs)) count += 1
    return count
  }
  expect(takeAll(0)).toBe(5)
  expect(takeAll(99)).toBe(0)
  expect(takeAll(300)).toBe(3)
  // A long silence earns one burst, not more.
  expect(takeAll(3_600_000)).toBe(5)
})

it('takes all or nothing', () => {
  const bucket = tokenBucket(10, 5, 0)
  expect(bucket.take(6, 0)).toBe(false)
  expect(bucket.take(5, 0)).toBe(true)
  expect(bucket.take(1, 0)).toBe(false)
})
