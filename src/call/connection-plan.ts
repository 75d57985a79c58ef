/**
 * Which connections should exist right now. Pure: the pool as it is and the agreement go in, actions come
 * out; run again after every change until nothing is left to do.
 */
import type { ConnectionState } from '../providers/provider.js'

/** An old provider is left when everybody's media flows on the new one, or after this long. */
export const RETIRE_AFTER_MS = 5000

/** How much of a provider is wanted. */
export type Want = 'media' | 'silent'

/** One connection as the plan sees it. */
export interface PlannedEntry {
  readonly id: string
  readonly provider: string
  readonly state: ConnectionState
  readonly isPublishing: boolean
  /** Kept and replaced by the repair loop, not by the plan. */
  readonly isRepairing: boolean
}

/** Everything the plan depends on. */
export interface PlanInput {
  readonly now: number
  /** The agreed provider. */
  readonly agreed: string | null
  readonly agreedAtMs: number
  /** Providers somebody wants or votes for in the running instance. */
  readonly candidates: readonly string[]
  /** What to connect to before anything is agreed. */
  readonly firstChoice: string | null
  readonly standby: { readonly provider: string; readonly want: Want } | null
  /** Providers not to be dialled before their backoff is over. */
  readonly blocked: ReadonlySet<string>
  readonly entries: readonly PlannedEntry[]
  /** What everybody sees comes from the agreed provider, here and at every live participant. */
  readonly isShownToAll: boolean
}

/** What to do next. */
export type PlanAction =
  | { readonly type: 'open'; readonly provider: string; readonly isPublishing: boolean }
  | { readonly type: 'set-publishing'; readonly entry: string; readonly isPublishing: boolean }
  | { readonly type: 'close'; readonly entry: string }

/** Compares what is wanted with what is there. */
export function planConnections(input: PlanInput): readonly PlanAction[] {
  const wanted = wantedProviders(input)
  const actions: PlanAction[] = []
  const served = new Set<string>()
  for (const entry of input.entries) {
    if (entry.isRepairing) {
      served.add(entry.provider)
      continue
    }
    const want = wanted.get(entry.provider)
    const isUsable = entry.state !== 'failed' && entry.state !== 'closed'
    if (want === undefined) {
      if (mayRetire(input, entry)) actions.push({ type: 'close', entry: entry.id })
      continue
    }
    if (!isUsable) {
      // The agreed provider's broken connection still carries the picture's last frame until a repair or a
      // switch has replaced it; every other broken one is of no use.
      if (entry.provider === input.agreed) served.add(entry.provider)
      else actions.push({ type: 'close', entry: entry.id })
      continue
    }
    served.add(entry.provider)
    const isPublishing = want === 'media'
    if (entry.isPublishing !== isPublishing && (isPublishing || mayRetire(input, entry)))
      actions.push({ type: 'set-publishing', entry: entry.id, isPublishing })
  }
  for (const [provider, want] of wanted)
    if (!served.has(provider) && !input.blocked.has(provider))
      actions.push({ type: 'open', provider, isPublishing: want === 'media' })
  return actions
}

function wantedProviders(input: PlanInput): ReadonlyMap<string, Want> {
  const wanted = new Map<string, Want>()
  if (input.standby) wanted.set(input.standby.provider, input.standby.want)
  if (input.agreed === null && input.firstChoice !== null) wanted.set(input.firstChoice, 'media')
  for (const candidate of input.candidates) wanted.set(candidate, 'media')
  if (input.agreed !== null) wanted.set(input.agreed, 'media')
  return wanted
}

function mayRetire(input: PlanInput, entry: PlannedEntry): boolean {
  if (entry.state === 'connecting' || input.agreed === null) return input.agreed !== null
  return input.isShownToAll || input.now - input.agreedAtMs >= RETIRE_AFTER_MS
}
