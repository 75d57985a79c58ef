/**
 * What this participant believes of each provider, from its own connections: shared with the others as
 * presence, used to choose the next provider and to keep from dialling a dead one in a loop.
 */
import type { Clock } from '../clock.js'
import type { ProviderSight } from '../document/presence.js'
import type { CallCore } from './core.js'

/** First wait after a failed connect; doubles with each further failure. */
const BACKOFF_FIRST_MS = 500
/** A revived provider should be found within seconds. */
const BACKOFF_MAX_MS = 8000
/** A bad report that nobody renewed is forgotten, so that a revived provider is considered again. */
const DOUBT_KEPT_MS = 30_000

/** The record of one provider. */
interface Belief {
  readonly sight: ProviderSight | 'unknown'
  readonly failures: number
  readonly blockedUntilMs: number
  readonly notedAtMs: number
}

const NOTHING_KNOWN: Belief = { sight: 'unknown', failures: 0, blockedUntilMs: 0, notedAtMs: 0 }

/** Beliefs about all providers. */
export interface SightBook {
  of(provider: string): ProviderSight | 'unknown'
  /** As it is announced; unknown ones left out. */
  all(): Readonly<Record<string, ProviderSight>>
  /** A working connection clears every doubt; returns whether anything changed. */
  note(provider: string, sight: ProviderSight): boolean
  /** A connect failed: not to be dialled again before its backoff is over. */
  connectFailed(provider: string): void
  /**
   * Our network has changed: what could not be reached over the old one may be tried at once. With a provider: the call
   * has moved there, and what was seen of it before is no evidence, because it may have been restarted since.
   */
  forgive(agreed?: string): void
  blocked(): ReadonlySet<string>
  failures(provider: string): number
}

/** Makes an empty book. */
export function createSightBook(clock: Clock): SightBook {
  const beliefs = new Map<string, Belief>()
  const read = (provider: string): Belief => {
    const belief = beliefs.get(provider) ?? NOTHING_KNOWN
    const isDoubt = belief.sight === 'dead' || belief.sight === 'unreachable'
    if (!isDoubt || clock.now() - belief.notedAtMs < DOUBT_KEPT_MS) return belief
    return { ...belief, sight: 'unknown' }
  }
  return {
    of: (provider) => read(provider).sight,
    all() {
      const sights: Record<string, ProviderSight> = {}
      for (const provider of beliefs.keys()) {
        const { sight } = read(provider)
        if (sight !== 'unknown') sights[provider] = sight
      }
      return sights
    },
    note(provider, sight) {
      const before = read(provider)
      const isClear = sight === 'ok'
      beliefs.set(provider, {
        sight,
        failures: isClear ? 0 : before.failures,
        blockedUntilMs: isClear ? 0 : before.blockedUntilMs,
        notedAtMs: clock.now(),
      })
      return before.sight !== sight
    },
    connectFailed(provider) {
      const before = read(provider)
      const backoffMs = Math.min(BACKOFF_FIRST_MS * 2 ** before.failures, BACKOFF_MAX_MS)
      beliefs.set(provider, {
        sight: before.sight === 'dead' ? 'dead' : 'unreachable',
        failures: before.failures + 1,
        blockedUntilMs: clock.now() + backoffMs,
        notedAtMs: clock.now(),
      })
    },
    forgive(agreed) {
      for (const [provider, { sight }] of beliefs)
        if (agreed ? provider === agreed && sight !== 'ok' : sight === 'unreachable') beliefs.delete(provider)
    },
    blocked() {
      const now = clock.now()
      return new Set([...beliefs].filter(([, belief]) => belief.blockedUntilMs > now).map(([id]) => id))
    },
    failures: (provider) => read(provider).failures,
  }
}

/**
 * The call has moved to `provider`: what this page saw of it before counts no more, and its dead connections go. Two
 * providers that both were seen dead within half a minute would else have the call go to and fro, and nobody tries one.
 */
export function lookAnew({ sight, pool, verdicts }: CallCore, provider: string): void {
  sight.forgive(provider)
  for (const entry of pool.entries())
    if (entry.provider.id === provider && verdicts.get(entry.id)?.state === 'dead') void pool.close(entry)
}
