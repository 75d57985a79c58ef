/**
 * What the page knows beside statistics, for the detectors in the worker: own tracks, who publishes and mutes
 * what, how connections stand, device and network. Loaded with the health desk, so not by the script-tag build.
 */
import {
  type DeviceFacts,
  type LocalFacts,
  type PageFacts,
  type PeerFacts,
  type StatusFacts,
  UNKNOWN_DEVICE,
} from '../health/facts.js'
import type { ThresholdOptions } from '../health/thresholds.js'
import { readWord } from '../health/word.js'
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'
import { tokenExpiresAtMs } from './token-expiry.js'

/** Codes of errors that tell why a connection is not there, as reasons of the adapter contract. */
const REASON_OF: Readonly<Record<string, string>> = {
  'provider-auth': 'auth',
  'provider-token-expired': 'token-expired',
  'provider-server': 'server',
  'provider-ended': 'room-ended',
  'provider-timeout': 'timeout',
  'provider-network': 'network',
}

/** Own admissions are renewed when three tenths of their life are left (document/own-admission.ts). */
const OVERDUE_AT_RATIO = 0.25

const KINDS = ['audio', 'video'] as const
type Kind = (typeof KINDS)[number]

/** Reads the facts of one call. */
export interface FactsReader {
  read(): PageFacts
  /** What everybody publishes and mutes, and whether own tracks live, as a text to compare. */
  states(): string
  stop(): void
}

/** Makes a reader; watches the CPU's pressure where the browser tells it. */
export function createFactsReader(core: CallCore, thresholds: ThresholdOptions | null): FactsReader {
  const states = new Map<string, { readonly state: string; readonly sinceMs: number }>()
  const pressure = watchPressure()
  const tokens = watchExpiries(core)
  const came = new Map<string, readonly Kind[]>()
  return {
    read: () => ({
      me: core.options.me.id,
      thresholds,
      isHidden: typeof document !== 'undefined' && document.visibilityState === 'hidden',
      isSoundBlocked: isSoundBlocked(),
      tokenLeftMs: tokens.leftMs(),
      queuedBytes: queuedBytes(core),
      local: localFacts(core),
      peers: peerFacts(core, came),
      connections: core.pool.entries().map((entry) => statusFacts(core, entry, states)),
      device: { ...readDevice(), pressure: pressure.state() },
    }),
    states: () => statesOf(core),
    stop: () => pressure.stop(),
  }
}

function statesOf(core: CallCore): string {
  const own = localFacts(core).map((one) => [one.source, one.isMuted, one.isEnded, one.isSilenced].join())
  const others = [...(core.reading?.participants.values() ?? [])].map(
    ({ id, presence }) => `${id} ${presence.publishing} ${presence.muted}`,
  )
  return [...own, '', ...others].join('\n')
}

/** Milliseconds until the first token that matters now runs out; null: none, or none that says so. */
function watchExpiries(core: CallCore): { leftMs(): number | null } {
  let admission = { expiresAtMs: 0, lifeMs: 0 }
  /** The admission renews itself long before its end; it is news only when that has not happened. */
  const admissionLeftMs = (now: number): number | null => {
    const { expiresAtMs } = core.document.admissions().get(core.document.voter) ?? {}
    if (expiresAtMs === undefined) return null
    const leftMs = expiresAtMs - now
    if (admission.expiresAtMs !== expiresAtMs) admission = { expiresAtMs, lifeMs: leftMs }
    return leftMs < admission.lifeMs * OVERDUE_AT_RATIO ? leftMs : null
  }
  return {
    leftMs() {
      const now = core.clock.wallNow()
      const provider = core.reading?.agreed ?? null
      const expiresAtMs = provider === null ? null : tokenExpiresAtMs(core.options.token, provider)
      const left = [expiresAtMs === null ? null : expiresAtMs - now, admissionLeftMs(now)]
      const known = left.filter((one) => one !== null)
      return known.length === 0 ? null : Math.min(...known)
    },
  }
}

/** What waits in the document's own data channels; null where it has none. */
function queuedBytes({ document }: CallCore): number | null {
  const known = document.links.flatMap(({ queuedBytes }) => queuedBytes ?? [])
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0)
}

function localFacts({ local }: CallCore): readonly LocalFacts[] {
  return local.tracks().map(({ source, track }) => ({
    source,
    kind: track.kind === 'audio' ? 'audio' : 'video',
    isMuted: local.isMuted(source),
    isEnded: track.readyState === 'ended',
    isSilenced: track.muted,
  }))
}

function peerFacts(core: CallCore, came: Map<string, readonly Kind[]>): readonly PeerFacts[] {
  const { reading, clock, wokeAtMs, options } = core
  if (reading === null) return []
  const participants = [...reading.participants.values()]
  noteComing(core, came)
  const known = [options.me.id, ...participants.map(({ id }) => id)]
  return participants.map(({ id, isAway, isSuspect, presence }) => ({
    id,
    publishing: presence.publishing,
    muted: presence.muted,
    isAway,
    suspicion: isAway ? 'confirmed' : isSuspect ? 'suspect' : 'trusted',
    silentMs: Math.max(0, clock.now() - Math.max(presence.heardAtMs, wokeAtMs)),
    word: readWord(presence.word ?? '', known),
    flowingOn: presence.flowingOn,
    came: came.get(id) ?? [],
  }))
}

/** Media that came once has come, also when its track is another one now; who left begins anew. */
function noteComing({ reading, remote }: CallCore, came: Map<string, readonly Kind[]>): void {
  for (const id of came.keys()) if (!reading?.participants.has(id)) came.delete(id)
  for (const id of reading?.participants.keys() ?? []) {
    const known = came.get(id) ?? []
    const isThere = (kind: Kind): boolean => known.includes(kind) || remote.hasCome(id, kind) === true
    came.set(id, KINDS.filter(isThere))
  }
}

function statusFacts(
  { clock }: CallCore,
  entry: PoolEntry,
  states: Map<string, { readonly state: string; readonly sinceMs: number }>,
): StatusFacts {
  const { id, state, error, connection } = entry
  const known = states.get(id)
  const sinceMs = known?.state === state ? known.sinceMs : clock.now()
  states.set(id, { state, sinceMs })
  const reason = REASON_OF[error?.code ?? ''] ?? connection?.status.reason ?? null
  return { connectionId: id, provider: entry.provider.id, state, reason, sinceMs: clock.now() - sinceMs }
}

/** Only Firefox says whether a page may sound before anybody touched it. */
function isSoundBlocked(): boolean {
  if (typeof navigator === 'undefined') return false
  const { getAutoplayPolicy, userActivation } = navigator as Navigator & {
    readonly getAutoplayPolicy?: (type: string) => string
  }
  if (getAutoplayPolicy === undefined || userActivation?.hasBeenActive) return false
  return getAutoplayPolicy.call(navigator, 'mediaelement') !== 'allowed'
}

function readDevice(): DeviceFacts {
  if (typeof navigator === 'undefined') return UNKNOWN_DEVICE
  const { connection, deviceMemory, hardwareConcurrency } = navigator as Navigator & {
    readonly deviceMemory?: number
    readonly connection?: {
      readonly type?: string
      readonly effectiveType?: string
      readonly downlink?: number
    }
  }
  return {
    cores: hardwareConcurrency ?? null,
    memoryGb: deviceMemory ?? null,
    pressure: null,
    networkType: connection?.type ?? null,
    effectiveType: connection?.effectiveType ?? null,
    downlinkBps: connection?.downlink === undefined ? null : connection.downlink * 1_000_000,
    browser: browserOf(navigator.userAgent ?? ''),
  }
}

function browserOf(userAgent: string): DeviceFacts['browser'] {
  if (/Chrom(?:e|ium)\//.test(userAgent)) return 'chromium'
  if (/Firefox\//.test(userAgent)) return 'firefox'
  return /Safari\//.test(userAgent) ? 'safari' : 'other'
}

interface PressureRecords {
  observe(source: 'cpu', options: { readonly sampleInterval: number }): Promise<void>
  disconnect(): void
}

/** Pressure changes slowly, and each report wakes the page. */
const PRESSURE_EVERY_MS = 2_000

function watchPressure(): { state(): DeviceFacts['pressure']; stop(): void } {
  const { PressureObserver: Observer } = globalThis as {
    readonly PressureObserver?: new (
      listener: (records: readonly { readonly state: DeviceFacts['pressure'] }[]) => void,
    ) => PressureRecords
  }
  let latest: DeviceFacts['pressure'] = null
  const observer =
    Observer === undefined
      ? null
      : new Observer((records) => {
          latest = records.at(-1)?.state ?? null
        })
  observer?.observe('cpu', { sampleInterval: PRESSURE_EVERY_MS }).catch(() => {
    // A permissions policy may forbid it; then pressure stays unknown.
  })
  return { state: () => latest, stop: () => observer?.disconnect() }
}
