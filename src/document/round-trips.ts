/**
 * Measures a round trip over the document's own paths: the asking page shows an id in its presence, the
 * page of the asked voter shows it back in its own. For figures only; a few at a time.
 */
import type { VoterId } from '../consensus/record.js'
import { HoldfastError } from '../errors.js'
import type { PageState } from './presence-wire.js'

/** Round trips under way here, and answers to those of others. */
export interface RoundTrips {
  readonly pings: readonly (readonly [string, VoterId])[]
  readonly echoes: readonly string[]
  /** Resolves when the answer came; rejects with the signal's reason. */
  measure(voter: VoterId, signal: AbortSignal): Promise<void>
  /** Answers what another page asks and takes what it answers. */
  take(state: PageState): void
}

/** Makes it; `onChange` is called when the own presence has something new to show. */
export function createRoundTrips(isOwn: (voter: VoterId) => boolean, onChange: () => void): RoundTrips {
  const pings = new Map<string, { readonly voter: VoterId; readonly resolve: () => void }>()
  let echoes: string[] = []
  return {
    get pings() {
      return [...pings].map(([id, ping]) => [id, ping.voter] as const)
    },
    get echoes() {
      return echoes
    },
    measure: (voter, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) reject(signal.reason)
        else if (isOwn(voter)) resolve()
        else if (pings.size >= ROUND_TRIPS_MAX)
          reject(new HoldfastError('command-failed', { message: 'Too many round trips at once.' }))
        else {
          const id = crypto.randomUUID()
          const settle = (): void => {
            pings.delete(id)
            signal.removeEventListener('abort', onAbort)
            onChange()
          }
          const onAbort = (): void => {
            settle()
            reject(signal.reason)
          }
          signal.addEventListener('abort', onAbort)
          pings.set(id, {
            voter,
            resolve: () => {
              settle()
              resolve()
            },
          })
          onChange()
        }
      }),
    take(state) {
      for (const [id, voter] of state.pings) {
        if (!isOwn(voter) || echoes.includes(id)) continue
        echoes = [...echoes, id].slice(-ROUND_TRIPS_MAX)
        onChange()
      }
      for (const id of state.echoes) pings.get(id)?.resolve()
    },
  }
}

/** Same bound as on the wire. */
const ROUND_TRIPS_MAX = 16
