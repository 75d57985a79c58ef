/** Switches of three members whom only one way joins: the relay of the signaling server, or a provider's channel. */
import { setTimeout as pause } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { systemClock } from '../../src/clock.js'
import { createMemoryHub } from '../../src/providers/memory.js'
import { serveSignaling } from '../../test/support/signaling.js'
import type { Figure } from '../figure.js'
import { joinHub } from './control-hub.js'
import { joinRoom, PROVIDERS, type RoomMember } from './room-member.js'
import { atMost, quantile } from './statistics.js'

const NAMES = ['ana', 'bob', 'cleo'] as const
const SWITCHES = 20
const LIMIT_MS = 20_000

/** Both rows. */
export async function lastWayFigures(progress: (line: string) => void): Promise<readonly Figure[]> {
  // Node has no WebRTC, so that the signaling server is the only way there is.
  Object.assign(globalThis, { WebSocket })
  const signaling = await serveSignaling()
  const relayMs = await switches(
    await Promise.all(
      NAMES.map((participant) => joinRoom({ participant, room: 'relay', signaling: [signaling.url] })),
    ),
  )
  await signaling.close()
  progress('switches over the relay are done')
  const hub = createMemoryHub({ clock: systemClock() })
  const members = await Promise.all(
    NAMES.map((participant) => joinRoom({ participant, room: 'in-band', signaling: [] })),
  )
  const stops = await Promise.all(
    members.map(async ({ document }, index) => document.carry(await joinHub(hub, NAMES[index] ?? ''))),
  )
  const inBandMs = await switches(members)
  for (const stop of stops) stop()
  return [
    atMost(
      'no data channel, signaling up: the relay carries a switch, slowest',
      Math.max(...relayMs),
      'ms',
      1000,
      SWITCHES,
    ),
    atMost(
      'no data channel, no signaling: in-band carries a switch, slowest',
      Math.max(...inBandMs),
      'ms',
      1000,
      SWITCHES,
    ),
    atMost(
      'no data channel, no signaling: in-band carries a switch, p50',
      quantile(inBandMs, 0.5),
      'ms',
      null,
      SWITCHES,
    ),
  ]
}

async function switches(members: readonly RoomMember[]): Promise<readonly number[]> {
  const isOne = (): boolean =>
    members[0]?.head() !== null && new Set(members.map((member) => member.head())).size === 1
  const isFull = (): boolean => (members[0]?.head() ?? '').split(' ')[3]?.split(',').length === members.length
  await until(() => isOne() && isFull())
  const times: number[] = []
  for (let round = 0; round < SWITCHES; round += 1) {
    const to = PROVIDERS[(round + 1) % PROVIDERS.length] ?? PROVIDERS[0]
    const startedAtMs = performance.now()
    members[round % members.length]?.loop.want(to)
    await until(() => members.every((member) => member.provider() === to))
    times.push(performance.now() - startedAtMs)
    await until(isOne)
  }
  await Promise.all(members.map((member) => member.close()))
  return times
}

async function until(isDone: () => boolean): Promise<void> {
  const startedAtMs = performance.now()
  while (!isDone()) {
    if (performance.now() - startedAtMs > LIMIT_MS) throw new Error('the members do not come together')
    await pause(1)
  }
}
