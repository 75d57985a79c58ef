import { describe, expect, it } from 'vitest'
import { type Facts, flowOf, judge } from '../../../src/health/judge.js'

/** A two-way call over a server, everything fine, nobody else heard. */
const FINE: Facts = {
  connectionId: 'c1',
  hasServer: true,
  hasSeenMedia: true,
  expectsInbound: true,
  expectsOutbound: true,
  inboundSilentMs: 20,
  transportSilentMs: 20,
  outboundSilentMs: 20,
  unansweredMs: null,
  usualSilenceMs: 0,
  isSocketClosed: false,
  isSocketJustClosed: false,
  ice: 'fine',
  probe: 'none',
  isOnline: true,
  othersFine: 0,
  othersTroubled: 0,
  othersLost: 0,
  othersCount: 0,
  hasHeardOthers: false,
}

/** Nothing has come for so long, on any path. */
const silent = (ms: number): Partial<Facts> => ({
  inboundSilentMs: ms,
  transportSilentMs: ms,
  outboundSilentMs: ms,
})
const closed: Partial<Facts> = { isSocketClosed: true, isSocketJustClosed: true }
const others = (count: number): Partial<Facts> => ({ othersCount: count, hasHeardOthers: true })

type Row = readonly [title: string, facts: Partial<Facts>, state: string, blame: string]

const TABLE: readonly Row[] = [
  ['media flows', {}, 'ok', 'none'],
  ['nothing was ever seen, socket closed', { ...closed, hasSeenMedia: false }, 'unknown', 'none'],
  ['nothing was ever seen, long silence', { ...silent(9_000), hasSeenMedia: false }, 'unknown', 'none'],
  ['socket closed, media flows', closed, 'suspect', 'none'],
  ['socket closed, probe refused, media flows', { ...closed, probe: 'unanswered' }, 'suspect', 'none'],
  ['socket closed, 100 ms silence', { ...closed, ...silent(100) }, 'suspect', 'none'],
  [
    'socket closed, 100 ms silence, refused',
    { ...closed, ...silent(100), probe: 'unanswered' },
    'dead',
    'provider',
  ],
  [
    'socket closed long ago and refused, 100 ms silence',
    { isSocketClosed: true, ...silent(100), probe: 'unanswered' },
    'suspect',
    'none',
  ],
  ['socket closed, 160 ms silence', { ...closed, ...silent(160) }, 'dead', 'provider'],
  ['socket closed and silent, browser offline', { ...closed, ...silent(160), isOnline: false }, 'dead', 'path'],
  [
    'socket closed and silent, others fine',
    { ...closed, ...silent(1_600), ...others(2), othersFine: 2 },
    'dead',
    'path',
  ],
  [
    'socket closed and silent, others troubled too',
    { ...closed, ...silent(160), ...others(2), othersTroubled: 1, othersFine: 1 },
    'dead',
    'provider',
  ],
  [
    'socket closed, nothing expected, unanswered',
    { ...closed, expectsInbound: false, expectsOutbound: false, transportSilentMs: null, probe: 'unanswered' },
    'dead',
    'provider',
  ],
  [
    'socket closed, nothing expected, not asked yet',
    { ...closed, expectsInbound: false, expectsOutbound: false, transportSilentMs: null },
    'suspect',
    'none',
  ],
  ['socket closed, probe answered, media flows', { ...closed, probe: 'answered' }, 'suspect', 'none'],
  ['350 ms silence', silent(350), 'ok', 'none'],
  ['450 ms silence, not asked yet', silent(450), 'suspect', 'none'],
  [
    '450 ms silence of a peer who sends one frame a second',
    { ...silent(450), usualSilenceMs: 900 },
    'ok',
    'none',
  ],
  ['600 ms silence, probe under way', { ...silent(600), probe: 'asked' }, 'suspect', 'none'],
  ['950 ms silence, unanswered, alone', { ...silent(950), probe: 'unanswered' }, 'dead', 'provider'],
  [
    '950 ms silence, unanswered, others heard and not troubled so far: one late answer moves nobody',
    { ...silent(950), ...others(1), probe: 'unanswered' },
    'suspect',
    'none',
  ],
  [
    '2.4 s silence, unanswered, others heard, and none of them is fine',
    { ...silent(2_400), ...others(1), probe: 'unanswered' },
    'dead',
    'provider',
  ],
  [
    '2.4 s silence, unanswered, one of the others troubled and one fine',
    { ...silent(2_400), ...others(2), othersTroubled: 1, othersFine: 1, probe: 'unanswered' },
    'dead',
    'path',
  ],
  [
    '2.4 s silence, unanswered, others heard and none fine, but something comes from the server',
    { ...silent(2_400), ...others(1), transportSilentMs: 300, probe: 'unanswered' },
    'dead',
    'path',
  ],
  [
    '950 ms silence, unanswered, others troubled',
    { ...silent(950), ...others(1), othersTroubled: 1, probe: 'unanswered' },
    'dead',
    'provider',
  ],
  [
    '1.6 s silence, unanswered, others fine',
    { ...silent(1_600), ...others(2), othersFine: 2, probe: 'unanswered' },
    'dead',
    'path',
  ],
  [
    '1 s silence, unanswered, nobody heard',
    { ...silent(1_000), othersCount: 2, probe: 'unanswered' },
    'suspect',
    'none',
  ],
  [
    '2.6 s silence, unanswered, nobody heard',
    { ...silent(2_600), othersCount: 2, probe: 'unanswered' },
    'dead',
    'path',
  ],
  [
    '950 ms silence, unanswered, browser offline',
    { ...silent(950), probe: 'unanswered', isOnline: false },
    'dead',
    'path',
  ],
  ['1 s silence, answered', { ...silent(1_000), probe: 'answered' }, 'suspect', 'none'],
  [
    '2.2 s silence, answered, transport alive: they stopped sending',
    { ...silent(2_200), transportSilentMs: 300, probe: 'answered' },
    'ok',
    'none',
  ],
  ['2.2 s silence everywhere, answered', { ...silent(2_200), probe: 'answered' }, 'dead', 'path'],
  [
    '2.2 s silence, answered, others fine',
    { ...silent(2_200), ...others(3), othersFine: 3, probe: 'answered' },
    'dead',
    'path',
  ],
  [
    '2.2 s silence, answered, all others lost it too',
    { ...silent(2_200), ...others(2), othersTroubled: 2, othersLost: 2, probe: 'answered' },
    'dead',
    'provider',
  ],
  [
    '2.2 s silence, answered, one of two others lost it',
    { ...silent(2_200), ...others(2), othersTroubled: 1, othersLost: 1, probe: 'answered' },
    'dead',
    'path',
  ],
  [
    'receive only, 2.2 s silence, answered: STUN may be this slow',
    { ...silent(2_200), expectsOutbound: false, probe: 'answered' },
    'suspect',
    'path',
  ],
  [
    'receive only, 4 s silence, answered',
    { ...silent(4_000), expectsOutbound: false, probe: 'answered' },
    'dead',
    'path',
  ],
  ['1 s silence, no probe to be had', { ...silent(1_000), probe: 'impossible' }, 'suspect', 'none'],
  ['2.2 s silence, no probe to be had, alone', { ...silent(2_200), probe: 'impossible' }, 'dead', 'provider'],
  [
    '2.2 s silence, no probe to be had, transport alive',
    { ...silent(2_200), transportSilentMs: 200, probe: 'impossible' },
    'ok',
    'none',
  ],
  [
    'nobody else publishes, inbound silent for a minute',
    { expectsInbound: false, inboundSilentMs: 60_000 },
    'ok',
    'none',
  ],
  [
    'nobody else publishes, 1.7 s without acknowledgement',
    { ...silent(1_700), expectsInbound: false },
    'suspect',
    'none',
  ],
  [
    'nobody else publishes, 2.2 s without, unanswered',
    { ...silent(2_200), expectsInbound: false, probe: 'unanswered' },
    'dead',
    'provider',
  ],
  [
    'nobody publishes, 3 s between STUN answers',
    { expectsInbound: false, expectsOutbound: false, transportSilentMs: 3_000 },
    'ok',
    'none',
  ],
  ['all transports live, reports on ours missing for 9 s', { unansweredMs: 9_000 }, 'suspect', 'path'],
  ['all transports live, reports on ours missing for 5 s', { unansweredMs: 5_000 }, 'ok', 'none'],
  ['inbound flows, ours unacknowledged for 9 s', { outboundSilentMs: 9_000 }, 'suspect', 'path'],
  ['ICE disconnected, media flows', { ice: 'disconnected' }, 'suspect', 'path'],
  ['ICE failed, media flows on the other peer connection', { ice: 'failed' }, 'dead', 'path'],
  [
    'ICE failed, 5 s silence, unanswered',
    { ...silent(5_000), ice: 'failed', probe: 'unanswered' },
    'dead',
    'provider',
  ],
  ['ICE failed, 5 s silence, answered', { ...silent(5_000), ice: 'failed', probe: 'answered' }, 'dead', 'path'],
  ['mesh: 1 s silence', { ...silent(1_000), hasServer: false }, 'suspect', 'path'],
  ['mesh: 5 s silence', { ...silent(5_000), hasServer: false, probe: 'unanswered' }, 'dead', 'path'],
  [
    'mesh: everybody is troubled',
    { ...silent(5_000), hasServer: false, ...others(2), othersTroubled: 2, othersLost: 2 },
    'dead',
    'path',
  ],
  ['mesh: socket closed, media flows', { ...closed, hasServer: false }, 'ok', 'none'],
  ['mesh: ICE failed and silent', { ...silent(600), hasServer: false, ice: 'failed' }, 'dead', 'path'],
]

describe('truth table of provider death', () => {
  it.each(TABLE)('%s', (_title, facts, state, blame) => {
    const verdict = judge({ ...FINE, ...facts })
    expect([verdict.state, verdict.blame]).toEqual([state, blame])
  })

  it('never blames a provider where no server stands between participants', () => {
    for (const [, facts] of TABLE)
      expect(judge({ ...FINE, ...facts, hasServer: false }).blame).not.toBe('provider')
  })

  it('never blames a provider while media flows', () => {
    for (const [, facts] of TABLE) {
      const all = { ...FINE, ...facts, ...silent(20) }
      if (flowOf(all) === 'flowing') expect(judge(all).blame).not.toBe('provider')
    }
  })

  it('names its evidence', () => {
    const verdict = judge({
      ...FINE,
      ...closed,
      ...silent(1_300),
      probe: 'unanswered',
      ...others(1),
      othersTroubled: 1,
    })
    expect(verdict.evidence).toEqual([
      'socket-closed',
      'probe-timeout',
      'inbound-flat',
      'transport-flat',
      'others-see-it-too',
    ])
    expect(verdict.silentForMs).toBe(1_300)
  })
})
