/**
 * Which provider everybody would go to next. Made from what all share (registers and presence), so that
 * several participants who lose a provider at once ask for the same one and do not contend.
 */
import type { Register } from '../consensus/index.js'
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

/** Providers that every live voter can run and nobody sees dead, best first (least sum of ranks, then id). */
export function rankProviders(input: ChoiceInput): readonly string[] {
  const [first, ...others] = input.registers
  if (first === undefined) return []
  const isAvoided = (provider: string): boolean =>
    provider === input.except ||
    input.sights.some((sight) => sight[provider] === 'dead' || sight[provider] === 'unreachable')
  const rank = (provider: string): number =>
    input.registers.reduce((sum, register) => sum + register.caps.indexOf(provider), 0)
  return first.caps
    .filter((provider) => others.every((register) => register.caps.includes(provider)))
    .filter((provider) => !isAvoided(provider))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}
