/**
 * Part of suite `health`: the failure detector of peers on recorded mobile links, beside a fixed timeout, Chen and phi
 * on the same evidence. Recordings are cut into sessions of 30 s, as short as those of the reference; constants were
 * chosen on the even ones, and the rows with bars tell of the odd ones. Media crosses a link every 20 ms (5 Hz in a row
 * of its own), heartbeats every second. Nobody dies in the recordings, so every alarm ends by itself: a suspicion is
 * true when the silence was an outage of 2 s or more, and every confirmation is a mistake, as in the reference (section
 * 3 of knowledge/health.md), also one that tells a real outage rightly. Detection time = the silence waited for, over time.
 */
import type { Figure } from '../figure.js'
import { type Alarm, drive, type LimitsAt } from './peer-drive.js'
import { arrivals, type RecordedLink, recordedLinks } from './recorded-links.js'
import { chen, fixed, phi, type Rival } from './rival-detectors.js'
import { simulatedFigures } from './simulated-links.js'
import { quantile } from './statistics.js'

const SESSION_MS = 30_000
const HOUR_MS = 3_600_000
/** What the reference calls an outage that is worth preparing for. */
const OUTAGE_MS = 2_000
/** What a confirmation claims. */
const CLAIM_MS = 3_000
const FLOOR_MS = 3_500
const MEDIA_EVERY_MS = 20
const SPARSE_MEDIA_EVERY_MS = 200
const BEAT_EVERY_MS = 1_000
/** STUN answers of the observer's own path. */
const OWN_PATH_EVERY_MS = 2_500

/** All rows; without recordings those of simulated links only, which stderr says. */
export function detectorFigures(): Figure[] {
  const links = recordedLinks()
  if (links.length === 0)
    process.stderr.write('detector: no ../shared/data/mobile-traces, rows of recorded links are left out\n')
  return [...(links.length === 0 ? [] : recordedFigures(links)), ...simulatedFigures()]
}

function recordedFigures(links: readonly RecordedLink[]): Figure[] {
  const media = play(links, MEDIA_EVERY_MS, 'far')
  const odd = media.filter(({ isChosen }) => !isChosen)
  return [
    ...suspectRows('SUSPECT on recorded mobile gaps', odd, true),
    ...confirmRows('CONFIRMED on recorded drives', odd, true),
    ...confirmRows(
      'CONFIRMED at the driving end, which hears nobody during its outages',
      pick(links, 'phone'),
      true,
    ),
    ...suspectRows(
      'SUSPECT, sessions that chose the constants',
      media.filter(({ isChosen }) => isChosen),
      false,
    ),
    ...suspectRows('SUSPECT, media at 5 Hz', oddOf(play(links, SPARSE_MEDIA_EVERY_MS, 'far')), false),
    ...suspectRows('SUSPECT, heartbeats only', oddOf(play(links, null, 'far')), false),
    ...confirmRows('CONFIRMED, heartbeats only', oddOf(play(links, null, 'far')), false),
    outageRow(links),
    ...curve(links),
  ]
}

/** What no detector that confirms within 3.5 s can stay below when real outages count. */
function outageRow(links: readonly RecordedLink[]): Figure {
  const rows = rivalRows('', links, MEDIA_EVERY_MS, fixed(FLOOR_MS))
  const [count] = rows.filter(({ unit }) => unit === '/h')
  return { ...(count as Figure), name: 'recorded outages of 3.5 s and more' }
}

interface Session {
  readonly isChosen: boolean
  readonly lengthMs: number
  readonly limits: readonly LimitsAt[]
  readonly alarms: readonly Alarm[]
}

/** `far`: a peer on a good network watches the one that drives. `phone`: the one that drives watches two others. */
type End = 'far' | 'phone'

function pick(links: readonly RecordedLink[], end: End): readonly Session[] {
  return oddOf(play(links, MEDIA_EVERY_MS, end))
}

function oddOf(sessions: readonly Session[]): readonly Session[] {
  return sessions.filter(({ isChosen }) => !isChosen)
}

function play(links: readonly RecordedLink[], mediaEveryMs: number | null, end: End): readonly Session[] {
  return links.flatMap((link) => {
    const [fromMs, untilMs] = [link.crossingsMs[0] ?? 0, link.crossingsMs.at(-1) ?? 0]
    const evidence = (phaseMs: number) => ({
      beats: arrivals(link, BEAT_EVERY_MS, phaseMs),
      media: mediaEveryMs === null ? [] : arrivals(link, mediaEveryMs, phaseMs % mediaEveryMs),
    })
    const isFar = end === 'far'
    const result = drive({
      peers: isFar ? [evidence(0)] : [evidence(0), evidence(BEAT_EVERY_MS / 2)],
      ownPath: isFar ? steady(fromMs, untilMs) : arrivals(link, OWN_PATH_EVERY_MS),
      fromMs,
      untilMs,
    })
    return sessionsOf(fromMs, untilMs).map(({ startMs, isChosen }) => {
      const isInside = (atMs: number): boolean => atMs >= startMs && atMs < startMs + SESSION_MS
      return {
        isChosen,
        lengthMs: Math.min(SESSION_MS, untilMs - startMs),
        limits: result.limits.filter(({ atMs }) => isInside(atMs)),
        alarms: result.alarms.filter((alarm) => isInside(alarm.fromMs)),
      }
    })
  })
}

function sessionsOf(fromMs: number, untilMs: number): readonly { startMs: number; isChosen: boolean }[] {
  const count = Math.ceil((untilMs - fromMs) / SESSION_MS)
  return Array.from({ length: count }, (_, index) => ({
    startMs: fromMs + index * SESSION_MS,
    isChosen: index % 2 === 0,
  }))
}

function steady(fromMs: number, untilMs: number): readonly number[] {
  return Array.from(
    { length: Math.ceil((untilMs - fromMs) / OWN_PATH_EVERY_MS) },
    (_, i) => fromMs + i * OWN_PATH_EVERY_MS,
  )
}

const lengthOf = ({ fromMs, untilMs }: Alarm): number => untilMs - fromMs

function hoursOf(sessions: readonly Session[]): number {
  return sessions.reduce((sum, { lengthMs }) => sum + lengthMs, 0) / HOUR_MS
}

function alarmsOf(sessions: readonly Session[], level: Alarm['level']): readonly Alarm[] {
  return sessions.flatMap(({ alarms }) => alarms.filter((alarm) => alarm.level === level))
}

function suspectRows(name: string, sessions: readonly Session[], isBarred: boolean): Figure[] {
  const alarms = alarmsOf(sessions, 'suspect')
  const isTrue = alarms.filter((alarm) => lengthOf(alarm) >= OUTAGE_MS).length
  const limits = sessions.flatMap((one) => one.limits.map(({ suspectMs }) => suspectMs / 1000))
  const falseHourly = (alarms.length - isTrue) / hoursOf(sessions)
  return [
    most(`${name}: detection time, median`, quantile(limits, 0.5), 's', isBarred ? 1.3 : null, limits.length),
    most(`${name}: detection time, p95`, quantile(limits, 0.95), 's', null, limits.length),
    most(`${name}: false alarms`, falseHourly, '/h', isBarred ? 12 : null, alarms.length),
    least(`${name}: precision`, isTrue / Math.max(1, alarms.length), isBarred ? 0.75 : null, alarms.length),
  ]
}

function confirmRows(name: string, sessions: readonly Session[], isBarred: boolean): Figure[] {
  const alarms = alarmsOf(sessions, 'confirmed')
  const tooSoon = alarms.filter((alarm) => lengthOf(alarm) < CLAIM_MS).length
  const limits = sessions.flatMap((one) => one.limits.map(({ confirmMs }) => confirmMs / 1000))
  const hours = hoursOf(sessions)
  return [
    most(`${name}: detection time, p95`, quantile(limits, 0.95), 's', isBarred ? 3.5 : null, limits.length),
    most(
      `${name}: mistakes, every alarm on a peer that comes back counted`,
      alarms.length / hours,
      '/h',
      isBarred ? 4 : null,
      alarms.length,
    ),
    most(`${name}: alarms in silences below the claimed 3 s`, tooSoon / hours, '/h', null, alarms.length),
  ]
}

/** Rivals on the same odd sessions: what each waits for, and how often it is wrong. */
function curve(links: readonly RecordedLink[]): Figure[] {
  const onMedia: [string, Rival][] = [
    ...[1, 1.3, 1.6, 2, 2.5, 3, 3.5, 4, 5].map((s): [string, Rival] => [`fixed ${s} s`, fixed(s * 1000)]),
  ]
  const onBeats: [string, Rival][] = [
    ...[1.5, 2, 2.5, 3, 3.5, 5].map((s): [string, Rival] => [`fixed ${s} s`, fixed(s * 1000)]),
    ...[0.5, 1, 2, 3].map((s): [string, Rival] => [`Chen + ${s} s`, chen(BEAT_EVERY_MS, s * 1000)]),
    ...[3, 8].map((level): [string, Rival] => [`phi ${level}`, phi(level, 0)]),
    ...[1, 3].map((s): [string, Rival] => [`phi 8 + ${s} s`, phi(8, s * 1000)]),
  ]
  const rival =
    (kind: string, everyMs: number) =>
    ([name, timeouts]: [string, Rival]) =>
      rivalRows(`curve, ${name} on ${kind}`, links, everyMs, timeouts)
  return [
    ...onMedia.flatMap(rival('media', MEDIA_EVERY_MS)),
    ...onBeats.flatMap(rival('heartbeats', BEAT_EVERY_MS)),
  ]
}

function rivalRows(name: string, links: readonly RecordedLink[], everyMs: number, rival: Rival): Figure[] {
  let coveredMs = 0
  const waits: { timeoutMs: number; spanMs: number; silenceMs: number }[] = []
  for (const link of links) {
    const at = arrivals(link, everyMs)
    const timeouts = rival(at)
    for (let index = 0; index + 1 < at.length; index += 1) {
      const [from, to] = [at[index] ?? 0, at[index + 1] ?? 0]
      if (Math.floor((from - (at[0] ?? 0)) / SESSION_MS) % 2 === 0) continue
      coveredMs += to - from
      waits.push({ timeoutMs: timeouts[index] ?? 0, spanMs: to - from, silenceMs: to - from })
    }
  }
  const alarms = waits.filter(({ silenceMs, timeoutMs }) => silenceMs > timeoutMs)
  const isTrue = alarms.filter(({ silenceMs }) => silenceMs >= OUTAGE_MS).length
  const hours = coveredMs / HOUR_MS
  return [
    most(`${name}: detection time, median`, weighted(waits, 0.5) / 1000, 's', null, waits.length),
    most(`${name}: detection time, p95`, weighted(waits, 0.95) / 1000, 's', null, waits.length),
    most(`${name}: every alarm`, alarms.length / hours, '/h', null, alarms.length),
    least(`${name}: precision for outages of 2 s`, isTrue / Math.max(1, alarms.length), null, alarms.length),
  ]
}

/** A quantile of the timeouts over time, not over arrivals. */
function weighted(waits: readonly { timeoutMs: number; spanMs: number }[], share: number): number {
  const sorted = [...waits].sort((a, b) => a.timeoutMs - b.timeoutMs)
  let left = share * sorted.reduce((sum, { spanMs }) => sum + spanMs, 0)
  for (const { timeoutMs, spanMs } of sorted) {
    left -= spanMs
    if (left <= 0) return timeoutMs
  }
  return sorted.at(-1)?.timeoutMs ?? 0
}

function most(name: string, value: number, unit: string, bar: number | null, n: number): Figure {
  const rounded = Math.round(value * 1000) / 1000
  return {
    name,
    value: rounded,
    unit,
    bar: bar === null ? null : `<= ${bar}`,
    holds: bar === null ? null : rounded <= bar,
    n,
  }
}

function least(name: string, value: number, bar: number | null, n: number): Figure {
  const rounded = Math.round(value * 1000) / 1000
  return {
    name,
    value: rounded,
    unit: 'share',
    bar: bar === null ? null : `>= ${bar}`,
    holds: bar === null ? null : rounded >= bar,
    n,
  }
}
