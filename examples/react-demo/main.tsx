/** Starts the demo: wraps the network first, then reads where the servers are, then renders. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.js'
import { loadConfig, readQuery } from './config.js'
import { installNetworkCut, type NetworkCut } from './network-cut.js'
import { callMaker } from './real-call.js'
import type { Session } from './session.js'

declare global {
  interface Window {
    /** For the console and for browser tests. */
    holdfastDemo?: { readonly sessions: Session[]; readonly network: NetworkCut }
  }
}

async function start(): Promise<void> {
  const network = installNetworkCut()
  const query = readQuery(location.search)
  const config = await loadConfig(location.search)
  const sessions: Session[] = []
  window.holdfastDemo = { sessions, network }
  const root = document.getElementById('root')
  if (!root) return
  createRoot(root).render(
    <StrictMode>
      <App
        config={config}
        query={query}
        network={network}
        makeCall={callMaker(config, query.order)}
        onSession={(session) => sessions.push(session)}
      />
    </StrictMode>,
  )
}

void start()
