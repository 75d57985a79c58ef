import { expect, it } from 'vitest'
import { createJournal } from '../../../../src/server/signaling/journal.js'

it('writes one JSON object per event, with time and level', () => {
  const lines: string[] = []
  const journal = createJournal(
    (line) => lines.push(line),
    () => 1_700_000_000_000,
  )
  journal('info', 'listening', { url: 'ws://127.0.0.1:1', tokens: true })
  journal('info', 'closed')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      time: '2023-11-14T22:13:20.000Z',
      level: 'info',
      event: 'listening',
      url: 'ws://127.0.0.1:1',
      tokens: true,
    },
    { time: '2023-11-14T22:13:20.000Z', level: 'info', event: 'closed' },
  ])
  for (const line of lines) expect(line).not.toContain('\n')
})

it('writes an event ten times a second at most, says how often it was left out, and keeps the others', () => {
  const lines: string[] = []
  let nowMs = 0
  const journal = createJournal(
    (line) => lines.push(line),
    () => nowMs,
  )
  for (let count = 0; count < 1000; count += 1) journal('warn', 'client-dismissed', { reason: 'garbage' })
  journal('info', 'draining')
  expect(lines).toHaveLength(11)
  nowMs = 1000
  journal('warn', 'client-dismissed', { reason: 'garbage' })
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'client-dismissed', suppressed: 990 })
})
