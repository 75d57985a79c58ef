import { describe, expect, it } from 'vitest'
import type { OtherSight } from '../../../src/health/sight-date.js'
import type { ConnectionVerdict } from '../../../src/health/verdict.js'
import { deathRig } from '../../support/death-rig.js'

const NAMES = ['ana', 'bob', 'cleo'] as const
type Name = (typeof NAMES)[number]
type Sight = OtherSight['sight']

/** How often everybody is heard while nothing changes. */
const BEAT_MS = 1_000
const STEP_MS = 5

/** What a page tells the others after a verdict; null: what it told before. */
function wordOf(verdict: ConnectionVerdict | undefined): Sight | null {
  if (verdict?.state === 'ok') return 'ok'
  if (verdict?.state === 'dead') return verdict.blame === 'provider' ? 'dead' : 'unreachable'
  const isMute = verdict?.evidence.some((key) => key === 'probe-timeout' || key === 'socket-closed')
  return verdict?.state === 'suspect' && isMute ? 'suspect' : null
}

/** Three people on one provider who tell each other what they see, in virtual time, from when all have seen media. */
function roomOf(answers: Partial<Record<Name, (atMs: number) => boolean>>) {
  const rigs = new Map(NAMES.map((name) => [name, deathRig({ answers: answers[name] ?? (() => true) })]))
  const words = new Map<Name, Sight>(NAMES.map((name) => [name, 'ok']))
  const beatAtMs = new Map<Name, number>()
  const heard = new Map<Name, Map<Name, { sight: Sight; heardAtMs: number }>>(
    NAMES.map((name) => [name, new Map()]),
  )
  const cutOff = new Set<Name>()
  const of = (name: Name) => rigs.get(name) ?? deathRig()
  const tell = (name: Name, nowMs: number): void => {
    const sight = words.get(name) ?? 'ok'
    beatAtMs.set(name, nowMs)
    if (cutOff.has(name)) return
    for (const other of NAMES)
      if (other !== name && !cutOff.has(other)) heard.get(other)?.set(name, { sight, heardAtMs: nowMs })
  }
  const room = {
    of,
    cut: (name: Name) => cutOff.add(name),
    /** Until this moment. */
    until(endMs: number) {
      for (let nowMs = of('ana').now(); nowMs < endMs; nowMs += STEP_MS)
        for (const name of NAMES) {
          const rig = of(name)
          rig.run(STEP_MS)
          const word = wordOf(rig.log.at(-1)?.verdict)
          const isNew = word !== null && word !== words.get(name)
          if (isNew) words.set(name, word)
          const sinceBeatMs = nowMs - (beatAtMs.get(name) ?? Number.NEGATIVE_INFINITY)
          if (isNew || sinceBeatMs >= BEAT_MS) tell(name, nowMs)
          rig.hear([...(heard.get(name) ?? [])].map(([participant, said]) => ({ participant, ...said })))
        }
    },
    /** Whoever blamed the provider, with when. */
    accusers: () =>
      NAMES.flatMap((name) => {
        const first = of(name).log.find(
          ({ verdict }) => verdict.state === 'dead' && verdict.blame === 'provider',
        )
        return first === undefined ? [] : [{ name, atMs: first.atMs }]
      }),
  }
  room.until(3_000)
  return room
}

describe('what others say as evidence against a provider', () => {
  it('one person cut off and two with a late moment at once: a probe that media came after blames nobody', () => {
    const room = roomOf({ bob: () => false })
    room.cut('bob')
    room.of('bob').mediaStops()
    room.until(4_000)
    for (const name of ['ana', 'cleo'] as const) room.of(name).mediaStops()
    room.until(4_300)
    // A beat of the server was late, so it was asked 0.1 s before the last packet; the machine is busy.
    for (const name of ['ana', 'cleo'] as const) room.of(name).signal({ type: 'probe-timeout', limitMs: 400 })
    room.until(4_700)
    for (const name of ['ana', 'cleo'] as const) room.of(name).mediaReturns()
    room.until(7_000)
    expect(room.accusers()).toEqual([])
    expect(room.of('ana').state()).toBe('ok')
  })

  it('who blames the own path is no second witness of a late answer', () => {
    const room = roomOf({ ana: (atMs) => atMs < 3_000 || atMs > 4_900, bob: () => false })
    room.cut('bob')
    room.of('bob').mediaStops()
    room.of('cleo').mediaStops()
    room.until(4_450)
    room.of('ana').mediaStops()
    room.until(5_400)
    expect(room.of('cleo').blame()).toBe('path')
    room.of('ana').mediaReturns()
    room.until(8_000)
    expect(room.accusers()).toEqual([])
  })

  it('who was in doubt long before is no witness of what begins now', () => {
    const room = roomOf({ ana: (atMs) => atMs < 3_000 || atMs > 5_300 })
    // Her socket is closed, and media goes on.
    room.of('cleo').signal({ type: 'socket-closed' })
    room.until(4_900)
    room.of('ana').mediaStops()
    room.until(5_850)
    room.of('ana').mediaReturns()
    room.until(8_000)
    expect(room.accusers()).toEqual([])
  })

  it('who is cut off a moment later for words than for media blames the own path', () => {
    const room = roomOf({ bob: () => false })
    room.until(3_500)
    room.of('bob').mediaStops()
    room.until(4_050)
    room.cut('bob')
    room.until(9_000)
    expect(room.accusers()).toEqual([])
    expect(room.of('bob').blame()).toBe('path')
  })

  it.each([['while everybody is there'], ['while one is cut off']] as const)(
    'a provider that hangs is found by all who are there within 0.95 s, %s',
    (when) => {
      const hang = (atMs: number): boolean => atMs < 4_000
      const room = roomOf({ ana: hang, bob: hang, cleo: hang })
      const present = when === 'while one is cut off' ? (['ana', 'cleo'] as const) : NAMES
      if (present.length < NAMES.length) {
        room.cut('bob')
        room.of('bob').mediaStops()
      }
      room.until(4_000)
      for (const name of present) room.of(name).mediaStops()
      room.until(6_000)
      const inTime = room.accusers().filter(({ atMs }) => atMs - 4_000 <= 950)
      expect(inTime.map(({ name }) => name)).toEqual(present)
    },
  )
})
