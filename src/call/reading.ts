/**
 * One consistent reading of the whole call, made anew at each refresh: who is here, what is agreed, what is
 * wanted, which connection carries it and whether media flows. Everything else in the shell acts on a
 * reading and never on half-updated parts (promise P06).
 */
import { candidates, type Register } from '../consensus/index.js'
import type { ProviderSight } from '../document/presence.js'
import { headOf } from './agreement-loop.js'
import { chooseProviders } from './choice.js'
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'
import { expectedMedia } from './expected.js'
import { type Participant, readParticipants } from './participants.js'

/** What the call looks like from here at one moment. */
export interface Reading {
  readonly now: number
  readonly participants: ReadonlyMap<string, Participant>
  readonly lineage: string | null
  readonly epoch: number | null
  readonly agreed: string | null
  /** Providers wanted or voted for in the running instance, the agreed one left out. */
  readonly candidates: readonly string[]
  /** The connection that carries (or should carry) the agreed provider's media. */
  readonly current: PoolEntry | null
  /** Peers that are here and publish something, with the sources that can send. */
  readonly expected: ReadonlyMap<string, readonly string[]>
  /** Media of all expected peers arrives on the current connection. */
  readonly isFlowing: boolean
  /** It is also what is shown: every stream has flipped. */
  readonly isShown: boolean
  /** So it is at every participant that is here. */
  readonly isShownToAll: boolean
  /** Where everybody would go next; null when no other provider is believed to work. */
  readonly next: string | null
  /** What the other live participants see of the agreed provider. */
  readonly othersSights: readonly (ProviderSight | 'unknown')[]
}

/** Reads the call. */
export function readCall(core: CallCore): Reading {
  const reading = readNews(core)
  const { current, expected, agreed, participants } = reading
  const isConnected = current?.state === 'connected'
  const isFlowing =
    current !== null && isConnected && (expected.size === 0 || core.remote.isFlowing(current.id, expected))
  const isShown = isFlowing && [...expected.keys()].every((peer) => core.shownOn.get(peer) === current.id)
  const isShownToAll = isShown && presentOf(participants).every((one) => one.presence.flowingOn === agreed)
  return { ...reading, isFlowing, isShown, isShownToAll }
}

/**
 * Reads it without a look at the media, which is taken to flow as at the last one: the look may wait for threads of
 * the browser, for milliseconds in which others count votes.
 */
export function readNews(core: CallCore): Reading {
  const { clock, document, loop, options } = core
  const now = clock.now()
  const participants = readParticipants({
    presence: document.presence(),
    me: options.me.id,
    now,
    wokeAtMs: core.wokeAtMs,
    suspicions: core.suspicions,
  })
  const present = presentOf(participants)
  const head = loop ? headOf(loop.state) : null
  const agreed = head?.provider ?? null
  const current = agreed === null ? null : currentEntry(core, agreed)
  const view = loop?.view ?? null
  return {
    now,
    participants,
    lineage: head?.lineage ?? null,
    epoch: head?.n ?? null,
    agreed,
    candidates: loop && view ? candidates(loop.state, view).filter((one) => one !== agreed) : [],
    current,
    expected: expectedMedia(present),
    isFlowing: core.reading?.isFlowing ?? false,
    isShown: core.reading?.isShown ?? false,
    isShownToAll: core.reading?.isShownToAll ?? false,
    next: view
      ? (chooseProviders({
          registers: liveRegisters(core, [...view.live]),
          except: agreed,
          sights: [core.sight.all(), ...present.map((one) => one.presence.sight)],
        })[0] ?? null)
      : null,
    othersSights: present.map((one) =>
      agreed === null ? 'unknown' : (one.presence.sight[agreed] ?? 'unknown'),
    ),
  }
}

function presentOf(participants: Reading['participants']): readonly Participant[] {
  return [...participants.values()].filter((participant) => !participant.isAway)
}

function currentEntry(core: CallCore, agreed: string): PoolEntry | null {
  const entries = core.pool.entries().filter((entry) => entry.provider.id === agreed)
  const kept = entries.find((entry) => entry.id === core.currentEntryId)
  if (kept) return kept
  return entries.findLast((entry) => entry.state === 'connected') ?? entries.at(-1) ?? null
}

function liveRegisters(core: CallCore, live: readonly string[]): readonly Register[] {
  const registers = core.document.registers()
  const own = core.loop?.state.register ?? null
  const others = live
    .map((voter) => registers.get(voter))
    .filter((one): one is Register => one !== undefined && one.participant !== core.options.me.id)
  return own ? [own, ...others] : others
}
