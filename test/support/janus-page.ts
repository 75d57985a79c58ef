/** The Janus adapter in a page, against two real Janus servers. */
import { janus } from '../../src/providers/janus.js'
import { pageSetup, servePageCompliance } from './compliance-page.js'

/** No server of the tests has it. */
const MISSING_ROOM = 404_404

servePageCompliance((config, faults) => {
  let isRefused = false
  return {
    ...pageSetup(),
    title: 'janus',
    provider: (_, id) =>
      janus({
        id: id ?? 'east',
        url: (id ? config.west : config.east) ?? '',
        ...(isRefused ? { roomId: MISSING_ROOM } : { create: true }),
      }),
    faults: {
      kill: async () => void (await faults.call('kill')),
      revive: async () => void (await faults.call('revive')),
      hang: async () => void (await faults.call('hang')),
      resume: async () => void (await faults.call('resume')),
      refuse: () => {
        isRefused = true
        return 'provider-rejected'
      },
      unreachable: () => janus({ id: 'nowhere', url: 'ws://127.0.0.1:9' }),
    },
  }
})
