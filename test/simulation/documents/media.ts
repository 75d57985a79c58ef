/**
 * Media of one page, as far as agreement hears of it: warm-ups that end well or badly after a while, and the
 * death of providers, seen by each page for itself.
 */
import type { AgreementLoop } from '../../../src/call/agreement-loop.js'
import type { Clock } from '../../../src/clock.js'
import { candidates } from '../../../src/consensus/status.js'
import type { Random } from '../random.js'

/** Media of a page. */
export interface Media {
  /** This page has seen the provider die. */
  isDead(provider: string | null): boolean
  /** Something changed: warm up what is a candidate now, notice what has died. */
  look(): void
  /** A dead provider works again. */
  revive(provider: string): void
  /** The page stands on a provider that works. */
  settleOn(provider: string): void
}

/** What {@link createMedia} needs. */
export interface MediaOptions {
  readonly clock: Clock
  readonly random: Random
  readonly loop: () => AgreementLoop
  readonly dead: ReadonlySet<string>
  readonly isReachable: (provider: string) => boolean
}

/** A connection to a provider takes this long. */
const WARM_MS = [50, 600] as const
/** A death is noticed after this long. */
const DETECT_MS = [200, 900] as const

/** Starts with no connection. */
export function createMedia({ clock, random, loop, dead, isReachable }: MediaOptions): Media {
  const warming = new Set<string>()
  const noticing = new Set<string>()
  const seenDead = new Set<string>()
  const warmUp = (provider: string): void => {
    if (warming.has(provider) || loop().state.warm[provider] !== undefined) return
    warming.add(provider)
    clock.after(random.between(...WARM_MS), () => {
      warming.delete(provider)
      loop().warm(provider, dead.has(provider) || !isReachable(provider) ? 'failed' : 'ready')
    })
  }
  const notice = (provider: string): void => {
    const isCurrent = (): boolean => loop().state.register?.head.provider === provider
    const isReady = (): boolean => loop().state.warm[provider] === 'ready'
    if (seenDead.has(provider) || noticing.has(provider) || (!isCurrent() && !isReady())) return
    noticing.add(provider)
    clock.after(random.between(...DETECT_MS), () => {
      noticing.delete(provider)
      if (!dead.has(provider)) return
      if (isCurrent()) seenDead.add(provider)
      if (isReady()) loop().warm(provider, 'failed')
      else loop().poke()
    })
  }
  return {
    isDead: (provider) => provider !== null && seenDead.has(provider),
    look() {
      for (const provider of candidates(loop().state, loop().view)) warmUp(provider)
      for (const provider of dead) notice(provider)
    },
    revive(provider) {
      seenDead.delete(provider)
      loop().warm(provider, 'unknown')
    },
    settleOn(provider) {
      if (!dead.has(provider)) seenDead.clear()
    },
  }
}
