/** The Janus adapter in a page, against two real Janus servers. */
import { janus } from '../../src/providers/janus.js'
import { pageSetup, servePageCompliance } from './compliance-page.js'

/** No server of the tests has it. */
const MISSING_ROOM = 404_404

servePageCompliance((config, faults) => {
  let isRefused = false
  const sockets = new Map<string, WebSocket>()
  return {
    ...pageSetup(),
    title: 'janus',
    provider: (peer, id) =>
      janus(
        {
          id: id ?? 'east',
          url: (id ? config.west : config.east) ?? '',
          ...(isRefused ? { roomId: MISSING_ROOM } : { create: true }),
        },
        {
          openSocket(url, protocol) {
            const socket = new WebSocket(url, protocol)
            sockets.set(peer, socket)
            return socket
          },
        },
      ),
    faults: {
      kill: async () => void (await faults.call('kill')),
      revive: async () => void (await faults.call('revive')),
      hang: async () => void (await faults.call('hang')),
      resume: async () => void (await faults.call('resume')),
      refuse: () => {
        isRefused = true
        return 'provider-rejected'
      },
      // What Janus sees of a page that is gone: its socket closes without a goodbye.
      crash: (_, peer) => sockets.get(peer)?.close(),
      unreachable: () => janus({ id: 'nowhere', url: 'ws://127.0.0.1:9' }),
    },
  }
})
