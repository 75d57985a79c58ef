import { expect, it } from 'vitest'
import { createRejections } from '../../../src/document/rejections.js'
import { manualClock } from './manual-clock.js'

it('tells what is wrong at once and then once a minute, for each kind and sender', () => {
  const clock = manualClock()
  const told: string[] = []
  const reject = createRejections(clock, ({ code, details }) => told.push(`${code} ${details.sender}`))
  for (let second = 0; second < 60; second += 1) {
    reject('wrong-password', 'room')
    clock.advance(1000)
  }
  expect(told).toEqual(['wrong-password room'])
  reject('wrong-password', 'room')
  reject('presence-invalid', 'room')
  reject('wrong-password', 'ben')
  expect(told).toEqual([
    'wrong-password room',
    'wrong-password room',
    'presence-invalid room',
    'wrong-password ben',
  ])
})
