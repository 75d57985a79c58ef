/**
 * Suite `control-plane`: what the document costs while nothing happens, how fast a large room on a server decides,
 * and whether the last ways (relay, media provider's data channel) carry a switch. Cuts of a real network are the
 * lab's (`npm run lab`).
 */
import type { RunSuite } from './figure.js'
import { lastWayFigures } from './support/control-last-ways.js'
import { meshTraffic } from './support/control-mesh.js'
import { serverFigures } from './support/control-server.js'

/** Measures all rows. */
export const run: RunSuite = async (progress) => [
  ...(await serverFigures(progress)),
  ...(await lastWayFigures(progress)),
  await meshTraffic(5, progress),
  await meshTraffic(20, progress),
]
