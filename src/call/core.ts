/** What the parts of a running call share. Owned by `session.ts`; every part changes only its own fields. */
import type { Clock } from '../clock.js'
import type { SharedDocument } from '../document/contract.js'
import type { Emitter } from '../events.js'
import type { PeerSuspicion } from '../health/peer-watch.js'
import type { ConnectionVerdict, PeerHealth } from '../health/verdict.js'
import type { Archive } from '../history/archive-contract.js'
import type { HistoryStore } from '../history/attempt.js'
import type { LocalMedia } from '../media/local-media.js'
import type { RemoteMedia } from '../media/remote-media.js'
import type { AgreementLoop } from './agreement-loop.js'
import type { Attempts } from './attempts.js'
import type { ConnectionPool } from './connections.js'
import type { CallEvents } from './contract.js'
import type { Experience } from './experience.js'
import type { HealthDesk } from './health-view.js'
import type { NetworkWatch } from './network-changes.js'
import type { ResolvedOptions } from './options.js'
import type { Reading } from './reading.js'
import type { RecoveryDesk } from './recovery-contract.js'
import type { Guard } from './recovery-guard.js'
import type { SightBook } from './sight.js'
import type { AgreementSnapshot } from './snapshot.js'
import type { Timeline } from './timeline.js'

/** The shared parts and the few facts that more than one of them needs. */
export interface CallCore {
  readonly options: ResolvedOptions
  readonly clock: Clock
  readonly events: Emitter<CallEvents>
  readonly timeline: Timeline
  readonly sight: SightBook
  readonly attempts: Attempts
  readonly local: LocalMedia
  readonly remote: RemoteMedia
  readonly pool: ConnectionPool
  readonly document: SharedDocument
  readonly network: NetworkWatch
  readonly history: HistoryStore
  /** What was learned of repairs; null until it is loaded, and where it cannot be. */
  experience: Experience | null
  /** Decisions from before it was loaded; see `tellExperience`. */
  untold?: ((experience: Experience) => void)[]
  /** What is kept besides attempts; as `experience`. */
  archive: Archive | null
  /** Breakers, workflows, prevention; as `experience`. */
  guard: Guard | null
  /** The recovery desk; null until it is loaded, and in the script-tag build. */
  recovery: RecoveryDesk | null
  loop: AgreementLoop | null
  /** Pool entry whose media is preferred. */
  currentEntryId: string | null
  /** Pool entries that recovery has in hand; the connection plan leaves them alone. */
  readonly held: Set<string>
  /** Pool entry whose media is shown meanwhile because the agreed provider is failing. */
  stopgapEntryId: string | null
  /** When the agreed provider last changed. */
  agreedAtMs: number
  wokeAtMs: number
  readonly verdicts: Map<string, ConnectionVerdict>
  readonly peerHealth: Map<string, PeerHealth>
  /** What the failure detectors say, by participant. */
  readonly suspicions: Map<string, PeerSuspicion>
  /** The page side of the detectors; null until it is loaded, and in the script-tag build. */
  desk: HealthDesk | null
  /** Pool entry whose media is shown, by peer. */
  readonly shownOn: Map<string, string>
  decided: AgreementSnapshot['decided']
  /** The latest reading; null before the first refresh. */
  reading: Reading | null
  /** Asks for a refresh at the end of this turn. */
  requestRefresh(): void
}
