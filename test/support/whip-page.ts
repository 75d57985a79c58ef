/** The WHIP adapter in a page, against the SFUs of `holdfast dev`. */
import type { Provider } from '../../src/providers/provider.js'
import { whip } from '../../src/providers/whip.js'
import { createNoticeBoard } from '../../src/testing/index.js'
import { pageSetup, servePageCompliance } from './compliance-page.js'

servePageCompliance((config, faults) => {
  let refusals = 0
  const request: typeof fetch = (input, init) => {
    if (init?.method !== 'POST' || refusals === 0) return fetch(input, init)
    refusals -= 1
    return Promise.resolve(new Response('no', { status: 403 }))
  }
  return {
    ...pageSetup(),
    title: 'whip',
    provider: (_, id) =>
      id
        ? elsewhere(whip({ id, url: config.west ?? '' }))
        : whip({ id: 'east', url: config.east ?? '' }, { fetch: request }),
    faults: {
      kill: async () => void (await faults.call('kill')),
      revive: async () => void (await faults.call('revive')),
      hang: async () => void (await faults.call('hang')),
      resume: async () => void (await faults.call('resume')),
      refuse: () => {
        refusals = 1
        return 'provider-auth'
      },
      unreachable: () => whip({ id: 'nowhere', url: 'http://127.0.0.1:9' }),
      // The check takes the participant off the board; WHIP itself has no notion of participants.
      crash: () => undefined,
    },
  }
})

/** Directories are scoped to one provider: a second one has a board of its own. */
function elsewhere(provider: Provider): Provider {
  const board = createNoticeBoard()
  return {
    ...provider,
    connect: (join) => provider.connect({ ...join, directory: board.seat(join.peer).directory }),
  }
}
