/** Starts the demo: wraps the network first, then reads where the servers are, then renders. */
import { createFaults, type Faults } from 'holdfast/testing'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.js'
import { type DemoConfig, loadConfig, readQuery } from './config.js'
import { FaultsContext } from './fault-panel.js'
import { installNetworkCut, type NetworkCut } from './network-cut.js'
import { callMaker } from './real-call.js'
import type { Session } from './session.js'

declare global {
  interface Window {
    /** For the console and for browser tests. */
    holdfastDemo?: {
      readonly sessions: Session[]
      readonly network: NetworkCut
      readonly faults: Faults | null
    }
  }
}

async function start(): Promise<void> {
  const network = installNetworkCut()
  const query = readQuery(location.search)
  const config = await loadConfig(location.search)
  const sessions: Session[] = []
  const faults = query.isBreakable ? faultsOf(config, network) : null
  window.holdfastDemo = { sessions, network, faults }
  const root = document.getElementById('root')
  if (!root) return
  createRoot(root).render(
    <StrictMode>
      <FaultsContext value={faults}>
        <App
          config={config}
          query={query}
          network={network}
          makeCall={callMaker(config, query.order, faults)}
          onSession={(session) => sessions.push(session)}
        />
      </FaultsContext>
    </StrictMode>,
  )
}

/** A server that is lost is killed for everybody, where there is an endpoint that can. */
function faultsOf({ signaling, control }: DemoConfig, { uncutFetch }: NetworkCut): Faults {
  const act = async (name: string, action: 'kill' | 'restart'): Promise<boolean> => {
    const path = `${control}/sfu/${encodeURIComponent(name)}/${action}`
    const { ok } = await uncutFetch(path, { method: 'POST' })
    return ok
  }
  const kill = async (): Promise<(() => Promise<void>) | null> => {
    const name = window.holdfastDemo?.sessions.at(-1)?.call.getSnapshot().provider ?? ''
    return (await act(name, 'kill')) ? () => act(name, 'restart').then(() => undefined) : null
  }
  return createFaults({ signaling, ...(control ? { outside: { 'provider-outage': kill } } : {}) })
}

void start()
