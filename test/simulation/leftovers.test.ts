/** P07: what the dead leave behind goes away, and a document does not grow with the time that a call takes. */
import { expect, test } from 'vitest'
import * as yjs from 'yjs'
import { unsettled } from './checks.js'
import type { Page } from './documents/page.js'
import { createRoom, type Room } from './documents/room.js'

const HOUR_MS = 3_600_000
/** Somebody comes, goes or reloads this often. */
const CHURN_EVERY_MS = 60_000
const PEOPLE_MIN = 4
const PEOPLE_MAX = 6
const BYTES_PER_LIVE_VOTER = 1024
/** Yjs keeps the name of a deleted entry and two numbers for every page that ever wrote. */
const BYTES_PER_FORMER_PAGE = 64
/** A register with its key, and what Yjs puts around it. */
const BYTES_PER_REGISTER = 700
/** After the last change: those who left without a word are kept until presence has forgotten them. */
const SWEPT_AFTER_MS = 120_000

function churn(room: Room, person: () => string): void {
  const { random } = room
  const pages = room.up()
  const page = random.pick(pages)
  const act = random.pick(['join', 'leave', 'crash', 'reload', 'refresh'] as const)
  room.time.touch()
  if (act === 'join' && pages.length < PEOPLE_MAX) void room.join({ participant: person() })
  if (act === 'leave' && pages.length > PEOPLE_MIN) page.leave(100)
  if (act === 'crash' && pages.length > PEOPLE_MIN) page.crash()
  if (act === 'reload') room.part(page, 12)
  if (act === 'refresh') page.crash()
  if (act === 'reload' || act === 'refresh')
    room.time.after(500, () => {
      room.time.touch()
      void room.join({ participant: page.participant, caps: page.caps })
    })
}

const bytesOf = (page: Page): number => yjs.encodeStateAsUpdate(page.doc).length

test('P07 after an hour of coming and going the document has less than 1 kB for each live voter', async () => {
  const room = createRoom({ seed: 7 })
  let people = 0
  const person = (): string => `p${people++}`
  for (let index = 0; index < PEOPLE_MIN; index++) await room.join({ participant: person() })
  for (let atMs = CHURN_EVERY_MS; atMs < HOUR_MS; atMs += CHURN_EVERY_MS) {
    room.time.after(atMs, () => churn(room, person))
  }
  await room.time.run(HOUR_MS + SWEPT_AFTER_MS, () => room.violations.length > 0)
  expect(room.violations).toEqual([])
  expect(unsettled(room)).toEqual([])
  expect(room.pages.length).toBeGreaterThan(20)
  const live = room.up()
  for (const page of live) {
    expect(page.map.size).toBe(live.length)
    expect(bytesOf(page)).toBeLessThan(BYTES_PER_LIVE_VOTER * live.length)
    const bound = BYTES_PER_REGISTER * live.length + BYTES_PER_FORMER_PAGE * room.pages.length
    expect(bytesOf(page)).toBeLessThan(bound)
  }
}, 120_000)

test('P07 who crashes has lost its seat as soon as it is taken for dead', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const room = createRoom({ seed })
    for (let index = 0; index < 4; index++) await room.join({ participant: `p${index}` })
    await room.time.run(10_000, () => unsettled(room).length === 0)
    await room.time.run(2000)
    const gone = room.random.pick(room.up())
    gone.crash()
    expect(await room.time.run(6000, () => unsettled(room).length === 0), `seed ${seed}`).toBe(true)
    for (const page of room.up()) expect(page.state.register?.head.committee).not.toContain(gone.state.voter)
    room.close()
  }
}, 60_000)
