import { test } from '@playwright/test'
import { type SignalingServer, startSignaling } from '../../src/server/signaling.js'
import { commonScenarios } from '../support/common-scenarios.js'
import type { Rig } from '../support/failover-rig.js'
import { type PageServer, servePages } from '../support/page-server.js'

let pages: PageServer
let signaling: SignalingServer
let rig: Rig

test.beforeAll(async () => {
  pages = await servePages()
  signaling = await startSignaling({ port: 0 })
  rig = {
    kind: 'mesh',
    first: { kind: 'mesh', id: 'mesh-a' },
    second: { kind: 'mesh', id: 'mesh-b' },
    signaling: [signaling.url],
    pages,
    // A mesh has no server that could fail; these scenarios break tabs only.
    kill: () => Promise.reject(new Error('a mesh has no server')),
    hang: () => Promise.reject(new Error('a mesh has no server')),
    async heal() {},
    freshRoom() {},
  }
})
test.afterAll(async () => {
  await signaling?.close()
  await pages?.close()
})

commonScenarios(() => rig)
