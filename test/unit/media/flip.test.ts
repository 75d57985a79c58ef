import { describe, expect, it } from 'vitest'
import {
  type FlipFacts,
  FRAME_WAIT_MS,
  gapOf,
  isMoveOver,
  MOVE_SETTLE_MS,
  type Move,
  SHOWN_DEAD_MS,
  SOUND_SETTLE_MS,
  shouldSwap,
} from '../../../src/media/flip.js'

const NOW_MS = 10_000
const FACTS: FlipFacts = {
  nowMs: NOW_MS,
  kind: 'video',
  wantedFirstAtMs: NOW_MS - 20,
  shownLastAtMs: NOW_MS - 20,
  isShownGone: false,
  isAtShownFrame: false,
  isUrgent: false,
  wantedLastAtMs: NOW_MS - 20,
}

describe('when to swap', () => {
  it.each<readonly [string, Partial<FlipFacts>, boolean]>([
    ['nothing arrived yet', { wantedFirstAtMs: null, isAtShownFrame: true }, false],
    ['nothing arrived and the old one is gone', { wantedFirstAtMs: null, isShownGone: true }, false],
    ['arrived, between two old frames', {}, false],
    ['arrived, at an old frame', { isAtShownFrame: true }, true],
    ['arrived, no old frame in time', { wantedFirstAtMs: NOW_MS - FRAME_WAIT_MS }, true],
    ['arrived, the old one stopped', { shownLastAtMs: NOW_MS - SHOWN_DEAD_MS - 1 }, true],
    ['arrived, the old one never came', { shownLastAtMs: null }, true],
    ['arrived, the old one was taken away', { isShownGone: true }, true],
    ['sound arrived just now', { kind: 'audio', isAtShownFrame: true }, false],
    ['the old one is failing and the new one lives', { isUrgent: true }, true],
    ['the old one is failing, sound too', { isUrgent: true, kind: 'audio' }, true],
    ['the old one is failing, the new one as well', { isUrgent: true, wantedLastAtMs: NOW_MS - 900 }, false],
    ['sound has settled', { kind: 'audio', wantedFirstAtMs: NOW_MS - SOUND_SETTLE_MS }, true],
    ['sound arrived, the old one stopped', { kind: 'audio', shownLastAtMs: NOW_MS - 900 }, true],
  ])('%s', (_title, facts, isDue) => {
    expect(shouldSwap({ ...FACTS, ...facts })).toBe(isDue)
  })
})

const move = (part: Partial<Move>): Move => ({
  from: 'east',
  to: 'west',
  startedAtMs: 0,
  open: new Set(),
  moved: new Map(),
  lastSwapAtMs: null,
  ...part,
})
const moved = (kind: 'audio' | 'video', oldLastAtMs: number | null, newFirstAtMs: number | null) => ({
  kind,
  oldLastAtMs,
  swappedAtMs: 1_000,
  newFirstAtMs,
})

describe('a move', () => {
  it('is over when every source has moved and shows media', () => {
    const one = move({ lastSwapAtMs: 1_000, moved: new Map([['camera', moved('video', 990, null)]]) })
    expect(isMoveOver(one, 1_010)).toBe(false)
    const two = move({ lastSwapAtMs: 1_000, moved: new Map([['camera', moved('video', 990, 1_030)]]) })
    expect(isMoveOver(two, 1_030)).toBe(true)
    expect(isMoveOver({ ...two, open: new Set(['microphone']) }, 1_030)).toBe(false)
  })

  it('is over after a while even when a source never comes', () => {
    const one = move({
      lastSwapAtMs: 1_000,
      open: new Set(['microphone']),
      moved: new Map([['camera', moved('video', 990, 1_030)]]),
    })
    expect(isMoveOver(one, 1_000 + MOVE_SETTLE_MS)).toBe(true)
    expect(isMoveOver(move({ open: new Set(['camera']) }), 60_000)).toBe(false)
  })

  it('reports the gap people saw, and the one they heard where nothing was to be seen', () => {
    const both = new Map([
      ['camera', moved('video', 900, 1_040)],
      ['microphone', moved('audio', 500, 1_000)],
    ] as const)
    expect(gapOf(move({ moved: both }))).toBe(140)
    expect(gapOf(move({ moved: new Map([['microphone', moved('audio', 500, 1_000)]]) }))).toBe(500)
  })

  it('has no gap where nothing was shown before', () => {
    expect(gapOf(move({ moved: new Map([['camera', moved('video', null, 1_040)]]) }))).toBeNull()
  })
})
