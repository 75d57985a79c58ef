/**
 * A page whose media is cut off: it connects like those of the fault corpus, and is watched by the sampler, worker and
 * loop of a call instead of a recorder. What they say is noted with the time at which the page learns of it.
 */

import { systemClock } from '../../src/clock.js'
import type { ConnectionVerdictState } from '../../src/health/verdict.js'
import { createHealth } from '../../src/worker/health-loop.js'
import { startWorker } from '../../src/worker/host.js'
import { connections, isServerAnswering } from '../../test/corpus/corpus-page.js'

/** Something that the page learned; milliseconds since 1970. */
export interface Noted {
  readonly what: ConnectionVerdictState | 'ice-disconnected'
  readonly atMs: number
}

declare global {
  interface Window {
    noted: Noted[]
  }
}

window.noted = []
window.corpus = { ...window.corpus, begin: watch }

/** Begins when everything is connected, as a recording would. */
function watch(): void {
  const clock = systemClock()
  const hasServer = connections().some(({ provider }) => provider === 'sfu')
  const connectionId = hasServer ? 'sfu#1' : 'mesh#1'
  const health = createHealth({
    clock,
    host: startWorker({ clock }),
    sources: () => [
      {
        connectionId,
        provider: hasServer ? 'sfu' : 'mesh',
        role: 'current',
        hasServer,
        expectsInbound: true,
        expectsOutbound: true,
        entries: connections().map(({ pc, connection, role, peer }) => ({
          id: String(pc),
          pc: connection,
          role,
          peer,
        })),
      },
    ],
    getSight: () => [],
    probe: async () => (hasServer ? isServerAnswering() : null),
    onVerdicts(verdicts) {
      for (const { state } of verdicts) note(state)
    },
    onPeerHealth: () => undefined,
    onBeat: () => undefined,
  })
  for (const { connection, role } of connections()) {
    connection.addEventListener('connectionstatechange', () =>
      health.signal(connectionId, { type: 'ice', role, state: connection.connectionState }),
    )
    connection.addEventListener('iceconnectionstatechange', () => {
      if (connection.iceConnectionState === 'disconnected') note('ice-disconnected')
    })
  }
  health.start()
}

function note(what: Noted['what']): void {
  window.noted.push({ what, atMs: performance.timeOrigin + performance.now() })
}
