/**
 * The laboratory: asks the development servers' control endpoint to kill, hang and revive SFUs, and follows
 * their state. A product has nothing like it.
 */
import { useCallback, useEffect, useState } from 'react'
import type { NetworkCut } from './network-cut.js'

/** What can be done to a server. */
export type LabAction = 'kill' | 'hang' | 'resume' | 'restart'

/** A server that can be broken. */
export interface LabServer {
  readonly name: string
  /** `starting`, `running`, `hung` or `dead`. */
  readonly state: string
}

/** Result of {@link useLab}. */
export interface Lab {
  readonly servers: readonly LabServer[]
  /** What went wrong with the last button, in words. */
  readonly trouble: string | null
  act(name: string, action: LabAction): void
}

/** People look at a state for some seconds; every tab of a demo asks, so not more often. */
const POLL_INTERVAL_MS = 2500

/** Follows the endpoint at `control`; without one there are no servers to break. */
export function useLab(control: string | null, request: NetworkCut['uncutFetch']): Lab {
  const [servers, setServers] = useState<readonly LabServer[]>([])
  const [trouble, setTrouble] = useState<string | null>(null)

  const ask = useCallback(
    async (path: string, method: 'GET' | 'POST'): Promise<void> => {
      const response = await request(`${control}${path}`, { method })
      const answer: unknown = await response.json()
      if (!response.ok) throw new Error(`The control endpoint answered ${response.status}.`)
      setServers(readServers(answer))
    },
    [control, request],
  )

  useEffect(() => {
    if (control === null) return
    const poll = (): void => {
      ask('/status', 'GET').catch(() => setServers([]))
    }
    poll()
    const timer = setInterval(poll, POLL_INTERVAL_MS)
    return () => clearInterval(timer)
  }, [control, ask])

  const act = useCallback(
    (name: string, action: LabAction) => {
      setTrouble(null)
      ask(`/sfu/${encodeURIComponent(name)}/${action}`, 'POST').catch((error: unknown) =>
        setTrouble(`${name} could not be changed: ${error instanceof Error ? error.message : 'no answer'}`),
      )
    },
    [ask],
  )
  return { servers, trouble, act }
}

function readServers(answer: unknown): readonly LabServer[] {
  const sfus = (answer as { sfus?: unknown } | null)?.sfus
  if (!Array.isArray(sfus)) return []
  return sfus.flatMap((sfu) =>
    typeof sfu?.name === 'string' && typeof sfu?.state === 'string'
      ? [{ name: sfu.name, state: sfu.state }]
      : [],
  )
}
