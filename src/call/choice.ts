/**
 * Which provider everybody would go to next. Made from what all share (registers and presence), so that
 * several participants who lose a provider at once ask for the same one and do not contend.
 */
import { type Register, rankProviders } from '../consensus/index.js'
import type { ProviderSight } from '../document/presence.js'

/** What the choice depends on. */
export interface ChoiceInput {
  /** Registers of the live voters, own one included. */
  readonly registers: readonly Register[]
  /** Never chosen: the provider to get away from. */
  readonly except: string | null
  /** What each live participant sees, own view included. */
  readonly sights: readonly Readonly<Record<string, ProviderSight>>[]
}

/** Providers that every live voter can run and nobody sees dead, in the order in which consensus ranks them. */
export function chooseProviders(input: ChoiceInput): readonly string[] {
  const [first, ...others] = input.registers
  if (first === undefined) return []
  const isAvoided = (provider: string): boolean =>
    provider === input.except ||
    input.sights.some((sight) => sight[provider] === 'dead' || sight[provider] === 'unreachable')
  const usable = first.caps
    .filter((provider) => others.every((register) => register.caps.includes(provider)))
    .filter((provider) => !isAvoided(provider))
  // The core's own ranking: a wish of the shell and one of the core must name the same provider.
  return rankProviders(usable, input.registers, () => 0)
}
