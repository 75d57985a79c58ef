/** What components usually ask of a call, each as one hook. All are thin selections of its snapshot. */
import { useCallback, useEffect, useState } from 'react'
import type {
  ActiveRecovery,
  AgreementSnapshot,
  Attempt,
  CallHealth,
  CallRecovery,
  CallSnapshot,
  CallState,
  HealthSnapshot,
  PeerSnapshot,
  RecoveryFallback,
  TimelineEntry,
} from '../index.js'
import { useCall } from './call-context.js'
import { useCallSelector } from './selector.js'

/** Result of {@link useCallState}. */
export interface CallStateView {
  readonly state: CallState
  /** One plain sentence, fit for a live region. */
  readonly statusText: string
}

/** Result of {@link useProvider}. */
export interface ProviderView {
  /** The provider everybody agreed on. */
  readonly provider: string | null
  readonly providers: CallSnapshot['providers']
  readonly epoch: number | null
  readonly lineage: string | null
  readonly status: AgreementSnapshot['status']
  readonly seat: AgreementSnapshot['seat']
  readonly committee: readonly string[]
  /** Open wants by participant id. */
  readonly wants: Readonly<Record<string, string>>
  /** Asks everybody to move; see `Call.switchTo`. The function is the same at each render. */
  readonly switchTo: (providerId: string, options?: { readonly reason?: string }) => Promise<void>
}

/** Result of {@link useRecovery}. */
export interface RecoveryView {
  readonly state: 'idle' | 'in-progress'
  readonly current: Attempt | null
  readonly last: Attempt | null
  /** Open incidents, what is done about each, and why. */
  readonly active: readonly ActiveRecovery[]
  readonly isAutomatic: boolean
  readonly isEmergency: boolean
  /** What recovery has to do without; empty when it has everything. */
  readonly fallbacks: readonly RecoveryFallback[]
  /** Repairs by hand, history, statistics. */
  readonly recovery: CallRecovery
  /** Earlier attempts, newest first; read again whenever one ends. Empty on the server. */
  readonly attempts: readonly Attempt[]
  /** What happened and why, oldest first. */
  readonly timeline: readonly TimelineEntry[]
}

/** Result of {@link useHealth}. */
export interface HealthView extends HealthSnapshot {
  /** Figures and statistics; ask when they are to be shown, they change every second. */
  readonly health: CallHealth
}

/** Where the call stands, and the same in words. */
export function useCallState(): CallStateView {
  return useCallSelector(selectState)
}

/** Ourselves: id, name, what is published and what is muted. */
export function useMe(): CallSnapshot['me'] {
  return useCallSelector(selectMe)
}

/** The other participants. The array and each peer keep their identity while unchanged. */
export function usePeers(): readonly PeerSnapshot[] {
  return useCallSelector(selectPeers)
}

/** One other participant; null when nobody of that id is in the call. */
export function usePeer(id: string): PeerSnapshot | null {
  const select = useCallback(
    (snapshot: CallSnapshot) => snapshot.peers.find((peer) => peer.id === id) ?? null,
    [id],
  )
  return useCallSelector(select)
}

/** Which provider carries the call, which could, and how to ask for another. */
export function useProvider(): ProviderView {
  const call = useCall()
  const view = useCallSelector(selectProvider)
  const switchTo = useCallback<ProviderView['switchTo']>(
    (providerId, options) => call.switchTo(providerId, options),
    [call],
  )
  return { ...view, switchTo }
}

/** What is being repaired, what was, and the story so far. `limit` bounds the attempts (default 50). */
export function useRecovery(limit = 50): RecoveryView {
  const call = useCall()
  const view = useCallSelector(selectRecovery)
  const [attempts, setAttempts] = useState<readonly Attempt[]>([])
  const lastId = view.last?.id
  // biome-ignore lint/correctness/useExhaustiveDependencies: an attempt that ended is the reason to read again.
  useEffect(() => {
    let isMounted = true
    call.attempts({ limit }).then(
      (found) => {
        if (isMounted) setAttempts(found)
      },
      () => {
        // A call that has been left has nothing more to tell; what was read stays on show.
      },
    )
    return () => {
      isMounted = false
    }
  }, [call, limit, lastId])
  return { ...view, attempts, recovery: call.recovery }
}

/** What is wrong now, the gravest severity, and whether detectors run at all. */
export function useHealth(): HealthView {
  const { health } = useCall()
  return { ...useCallSelector(selectHealth), health }
}

const selectState = ({ state, statusText }: CallSnapshot): CallStateView => ({ state, statusText })
const selectMe = ({ me }: CallSnapshot): CallSnapshot['me'] => me
const selectPeers = ({ peers }: CallSnapshot): readonly PeerSnapshot[] => peers
const selectProvider = ({ provider, providers, agreement }: CallSnapshot) => ({
  provider,
  providers,
  epoch: agreement.epoch,
  lineage: agreement.lineage,
  status: agreement.status,
  seat: agreement.seat,
  committee: agreement.committee,
  wants: agreement.wants,
})
const selectHealth = ({ health }: CallSnapshot): HealthSnapshot => health
const selectRecovery = ({ recovery, timeline }: CallSnapshot) => ({
  state: recovery.state,
  current: recovery.current,
  last: recovery.last,
  active: recovery.active,
  isAutomatic: recovery.isAutomatic,
  isEmergency: recovery.isEmergency,
  fallbacks: recovery.fallbacks,
  timeline,
})
