import { test } from '@playwright/test'
import type { DevServers } from '../../src/server/dev.js'
import { commonScenarios } from '../support/common-scenarios.js'
import { startTestDev } from '../support/dev.js'
import type { Rig } from '../support/failover-rig.js'
import { type PageServer, servePages } from '../support/page-server.js'
import { serverScenarios } from '../support/server-scenarios.js'

let pages: PageServer
let dev: DevServers
let rig: Rig

test.beforeAll(async () => {
  pages = await servePages()
  dev = await startTestDev()
  const urlOf = (id: string): string => dev.sfus.find((sfu) => sfu.name === id)?.url ?? ''
  rig = {
    kind: 'whip',
    first: { kind: 'whip', id: 'east', url: urlOf('east') },
    second: { kind: 'whip', id: 'west', url: urlOf('west') },
    signaling: [dev.signalingUrl],
    pages,
    kill: (id) => dev.kill(id),
    hang: (id) => dev.hang(id),
    async heal() {
      for (const sfu of dev.sfus) if (sfu.state !== 'running') await dev.restart(sfu.name)
    },
    freshRoom() {},
  }
})
test.beforeEach(() => rig.heal())
test.afterAll(async () => {
  await dev?.close()
  await pages?.close()
})

commonScenarios(() => rig)
serverScenarios(() => rig)
