/**
 * What health says about the whole call at one moment, for people and for recovery: the alerts, the one that
 * explains the others, the figures of each connection and track, and what has been counted since the call began.
 */
import type { Alert, AlertChange, AlertKind, Severity } from './alert.js'
import { SEVERITIES } from './alert.js'
import type { DeviceFacts } from './facts.js'
import type { Scene } from './scene.js'
import type { HealthStatistics } from './statistics.js'
import type { Word } from './word.js'

/** Figures of one direction of one track; null is unknown. */
export interface TrackFigures {
  /** Whose; null: this participant's own. */
  readonly participant: string | null
  readonly media: 'audio' | 'video'
  readonly connectionId: string
  readonly bitrateBps: number | null
  readonly lossRatio: number | null
  readonly jitterMs: number | null
  readonly fps: number | null
  readonly frameHeight: number | null
  /** Share of the sound that was made up. */
  readonly concealedRatio: number | null
}

/** Figures of one peer connection. */
export interface PathFigures {
  readonly connectionId: string
  readonly provider: string
  readonly rttMs: number | null
  readonly availableOutgoingBps: number | null
  readonly sentBps: number | null
  readonly receivedBps: number | null
  readonly isRelayed: boolean | null
}

/** The call at one moment. */
export interface HealthOverview {
  /** Page clock; null before the first look. */
  readonly atMs: number | null
  /** Severity of the gravest alert; null: all is well, or nothing is known yet. */
  readonly severity: Severity | null
  /** The alert that explains the others best; null without alerts of medium or more. */
  readonly rootCause: Alert | null
  readonly paths: readonly PathFigures[]
  readonly tracks: readonly TrackFigures[]
  readonly device: DeviceFacts
  readonly isOnline: boolean
}

/** What one diagnosis gives. */
export interface HealthReport {
  readonly atMs: number
  /** Everything that is wrong now, oldest first. */
  readonly alerts: readonly Alert[]
  readonly changes: readonly AlertChange[]
  readonly overview: HealthOverview
  readonly statistics: HealthStatistics
  /** What to tell the others. */
  readonly word: Word
}

/** An overview from a scene. */
export function overviewOf(
  scene: Scene,
  alerts: readonly Alert[],
  order: readonly AlertKind[],
  before: HealthOverview | null,
): HealthOverview {
  const { atMs, facts, isOnline, paths } = scene
  const isRead = scene.connections.some((one) => one.isCurrent && one.isRead)
  return {
    atMs,
    severity: SEVERITIES.findLast((one) => alerts.some(({ severity }) => severity === one)) ?? null,
    rootCause: rootCauseOf(alerts, order),
    // Between two readings of the statistics the last figures stand.
    paths: isRead ? paths.map(pathFigures) : (before?.paths ?? []),
    tracks: isRead ? tracksOf(scene) : (before?.tracks ?? []),
    device: facts.device,
    isOnline,
  }
}

/**
 * Causes stand before symptoms in `order`. Low alerts explain nothing, except the kinds that are never more than
 * notes, where nothing else is wrong.
 */
function rootCauseOf(alerts: readonly Alert[], order: readonly AlertKind[]): Alert | null {
  const grave = alerts.filter(({ severity }) => severity !== 'low')
  const candidates = grave.length > 0 ? grave : alerts.filter(({ kind }) => NOTES.has(kind))
  const isSendersFault = grave.some(({ blame }) => blame.culprit === 'sender')
  const rank = ({ kind, blame }: Alert): number => {
    // Without a server the path may have died with the person at its other end.
    if (kind === 'network-disconnect' && blame.culprit === 'path') return order.indexOf('stale-peer') + 0.5
    // Pictures that are broken for everybody explain why decoders stop.
    if (kind === 'frame-corruption' && blame.culprit === 'sender') return order.indexOf('decoder-stall') - 0.5
    // A machine that is busy does not explain what is wrong with a sender.
    if (kind === 'encoder-limited' && isSendersFault) return order.length
    return order.indexOf(kind)
  }
  return [...candidates].sort((one, other) => rank(one) - rank(other))[0] ?? null
}

const NOTES: ReadonlySet<AlertKind> = new Set<AlertKind>(['static-video', 'path-change', 'relay-in-use'])

function pathFigures(path: Scene['paths'][number]): PathFigures {
  const { connectionId, provider, isRelayed } = path
  return {
    connectionId,
    provider,
    rttMs: known(path.rttMs),
    availableOutgoingBps: known(path.availableOutgoingBps),
    sentBps: known(path.sentBps),
    receivedBps: known(path.receivedBps),
    isRelayed,
  }
}

function tracksOf({ inbound, outbound }: Scene): readonly TrackFigures[] {
  const received = inbound.map((view) => ({
    participant: view.peer ?? '?',
    media: view.kind,
    connectionId: view.connectionId,
    bitrateBps: known(view.bitrateBps),
    lossRatio: known(view.lossRatio),
    jitterMs: known(view.jitterMs),
    fps: known(view.decodedFps),
    frameHeight: known(view.frameHeight),
    concealedRatio: known(view.concealedRatio),
  }))
  const sent = outbound.map((view) => ({
    participant: null,
    media: view.kind,
    connectionId: view.connectionId,
    bitrateBps: known(view.bitrateBps),
    lossRatio: known(view.remoteLossRatio),
    jitterMs: known(view.remoteJitterMs),
    fps: known(view.sentFps),
    frameHeight: known(view.frameHeight),
    concealedRatio: null,
  }))
  return [...received, ...sent]
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
