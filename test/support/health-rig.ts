/**
 * A receiver with two senders on one server, told to the diagnosis as raw statistics every 250 ms: counters grow as
 * they do in a browser, and a test breaks them one by one. Time is virtual.
 */
import type { Alert, AlertKind } from '../../src/health/alert.js'
import { type DiagnosisState, diagnose, INITIAL_DIAGNOSIS } from '../../src/health/diagnosis.js'
import { NO_FACTS, type PageFacts, type PeerFacts } from '../../src/health/facts.js'
import { unpackSample } from '../../src/health/pack.js'
import { reduceStats } from '../../src/health/reduce.js'
import type { HealthReport } from '../../src/health/report.js'
import type { ConnectionVerdict } from '../../src/health/verdict.js'
import { NO_WORD } from '../../src/health/word.js'
import { healthyOwn, healthySender, ownEntries, type SenderState, senderEntries } from './health-stats.js'

/** Steps of virtual time. */
export const STEP_MS = 250
const PEERS = ['ana', 'bob'] as const

/** Makes a healthy call. */
export function healthRig(options: { readonly peers?: readonly string[]; readonly hasServer?: boolean } = {}) {
  const { peers = PEERS, hasServer = true } = options
  const senders = Object.fromEntries(peers.map((peer) => [peer, healthySender()]))
  const own = healthyOwn()
  const counters = new Map<string, number>()
  let atMs = 10_000
  let state: DiagnosisState = INITIAL_DIAGNOSIS
  let verdict: ConnectionVerdict | null = null
  const reports: HealthReport[] = []
  const facts: { -readonly [Key in keyof PageFacts]: PageFacts[Key] } = {
    ...NO_FACTS,
    me: 'me',
    local: ['camera', 'microphone'].map((source) => ({
      source,
      kind: source === 'camera' ? 'video' : 'audio',
      isMuted: false,
      isEnded: false,
      isSilenced: false,
    })),
    peers: peers.map(
      (id): PeerFacts => ({
        id,
        publishing: ['camera', 'microphone'],
        muted: [],
        isAway: false,
        suspicion: null,
        silentMs: 200,
        word: NO_WORD,
        flowingOn: 'east',
      }),
    ),
    connections: [{ connectionId: 'c1', provider: 'east', state: 'connected', reason: null, sinceMs: 0 }],
  }
  const rig = {
    /** Without an entry nothing is received of somebody, and no row tells of it. */
    senders: senders as Record<string, SenderState>,
    own,
    facts,
    isOnline: true,
    latenessMs: 0,
    /** The call is elsewhere; this connection waits. */
    isStandby: false,
    reports,
    get atMs() {
      return atMs
    },
    /** The whole state, e.g. to be copied. */
    get state() {
      return state
    },
    judge(next: ConnectionVerdict | null) {
      verdict = next
    },
    peer(id: string, change: Partial<PeerFacts>) {
      facts.peers = facts.peers.map((one) => (one.id === id ? { ...one, ...change } : one))
    },
    run(durationMs: number) {
      const endMs = atMs + durationMs
      while (atMs < endMs) step()
      return rig
    },
    alerts: (): readonly Alert[] => state.alerts,
    alert: (kind: AlertKind, id = ''): Alert | undefined =>
      state.alerts.find((one) => one.kind === kind && one.about.id === id),
    /** How long after `sinceMs` the first alert of a kind was raised; null: never. */
    raisedAfterMs(kind: AlertKind, sinceMs: number): number | null {
      const raised = reports
        .flatMap((report) => report.changes)
        .find((change) => change.type === 'raised' && change.alert.kind === kind && change.atMs >= sinceMs)
      return raised ? raised.atMs - sinceMs : null
    },
    /** Alerts of medium or more that were ever raised. */
    incidents: (): readonly Alert[] =>
      reports
        .flatMap((report) => report.changes)
        .filter(({ type, alert }) => type !== 'cleared' && alert.severity !== 'low')
        .map(({ alert }) => alert),
  }

  const grow = (key: string, perSecond: number): number => {
    const value = (counters.get(key) ?? 0) + perSecond * (STEP_MS / 1_000)
    counters.set(key, value)
    return value
  }

  function step(): void {
    atMs += STEP_MS
    const raw = [
      { pc: 1, role: 'send' as const, entries: ownEntries(own, grow, atMs), peerIndexOf: () => -1 },
      ...peers.flatMap((peer, index) => {
        const sender = rig.senders[peer]
        if (sender === undefined) return []
        const entries = senderEntries(peer, sender, grow, atMs, counters, own)
        return [{ pc: index + 2, role: 'recv' as const, entries, peerIndexOf: () => index }]
      }),
    ]
    const values = reduceStats({ atMs, mediaAtMs: Number.NaN, costMs: 0 }, raw)
    const result = diagnose(state, {
      atMs,
      isOnline: rig.isOnline,
      latenessMs: rig.latenessMs,
      facts: structuredClone(facts),
      verdictOf: () => verdict,
      connections: [
        {
          connectionId: 'c1',
          provider: 'east',
          hasServer,
          isCurrent: !rig.isStandby,
          expectsInbound: true,
          expectsOutbound: true,
          peers,
          sample: unpackSample(values),
        },
      ],
    })
    state = result.state
    if (result.report) reports.push(result.report)
  }
  return rig
}
