import { test } from '@playwright/test'
import { type SignalingServer, startSignaling } from '../../src/server/signaling.js'
import { commonScenarios } from '../support/common-scenarios.js'
import type { Rig } from '../support/failover-rig.js'
import { type JanusServer, startJanus, whyNoJanus } from '../support/janus.js'
import { type PageServer, servePages } from '../support/page-server.js'
import { serverScenarios } from '../support/server-scenarios.js'

/** Each call has a room of its own, so that nobody meets the ghosts of the call before. */
const ROOM_FIRST = 1000
const ROOMS = Object.fromEntries(
  Array.from({ length: 80 }, (_, index) => [ROOM_FIRST + index, { publishers: 20 }]),
)

let pages: PageServer
let signaling: SignalingServer
let servers: Readonly<Record<string, JanusServer>>
let rig: Rig
let roomId = ROOM_FIRST

const reason = whyNoJanus()
test.skip(reason !== undefined && !process.env.CI, reason ?? '')

test.beforeAll(async () => {
  pages = await servePages()
  signaling = await startSignaling({ port: 0 })
  const [east, west] = await Promise.all([
    startJanus({ name: 'east', rooms: ROOMS }),
    startJanus({ name: 'west', rooms: ROOMS }),
  ])
  servers = { east, west }
  rig = {
    kind: 'janus',
    get first() {
      return { kind: 'janus' as const, id: 'east', url: east.url, roomId }
    },
    get second() {
      return { kind: 'janus' as const, id: 'west', url: west.url, roomId }
    },
    signaling: [signaling.url],
    pages,
    kill: async (id) => servers[id]?.kill(),
    hang: async (id) => servers[id]?.hang(),
    async heal() {
      for (const server of Object.values(servers)) await server.restart()
    },
    freshRoom() {
      roomId += 1
    },
  }
})
test.beforeEach(() => rig.heal())
test.afterAll(async () => {
  for (const server of Object.values(servers ?? {})) await server.close()
  await signaling?.close()
  await pages?.close()
})

commonScenarios(() => rig)
serverScenarios(() => rig)
