/** Fake calls in the three scenes of a kill: before, during and after. */

import { hueOf, startSyntheticCamera } from '../../examples/react-demo/synthetic-camera.js'
import { idleRecovery } from '../../src/call/recovery-view.js'
import { UNKNOWN_HEALTH } from '../../src/health/verdict.js'
import type { CallSnapshot, PeerSnapshot, TimelineEntry } from '../../src/index.js'
import { createFakeCall, type FakeCall, peerOf } from './fake-call.js'

/** The scenes. */
export type Scene = 'before' | 'during' | 'after' | 'lost'

const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan'] as const
const LINEAGE = '0.5f0c9ae17b2d4410.0.5f0c9ae17b2d4410'

let begun = 0

/** A call of `me` with the three others of {@link NAMES}, live at once. */
export function createStoryCall(me: {
  readonly id: string
  readonly name: string
  readonly room: string
}): FakeCall {
  const call = createFakeCall({ room: me.room, me: { id: me.id, name: me.name, muted: [], publishing: [] } })
  const peers = NAMES.filter((name) => name !== me.name)
    .slice(0, 3)
    .map((name) => {
      const hue = hueOf(NAMES.indexOf(name))
      const { stream } = startSyntheticCamera({ name: () => name, hue, width: 480, framesPerSecond: 15 })
      return peerOf(name.toLowerCase(), stream, { name })
    })
  peers[1] = { ...(peers[1] as PeerSnapshot), muted: ['microphone'] }
  const nowMs = Date.UTC(2026, 0, 5, 9, 30, 12)
  begun = nowMs
  const join = call.join
  call.join = async () => {
    await join()
    playScene(call, 'before', peers)
  }
  const leave = call.leave
  call.leave = async () => {
    await leave()
    call.set({ state: 'left', statusText: 'You left the call.' })
  }
  Object.assign(call, { play: (scene: Scene) => playScene(call, scene, peers) })
  return call
}

/** Shows one scene. */
function playScene(call: FakeCall, scene: Scene, peers: readonly PeerSnapshot[]): void {
  const { id } = call.getSnapshot().me
  const committee = [id, ...peers.map((peer) => peer.id)]
  const agreement = (epoch: number, provider: string): CallSnapshot['agreement'] => ({
    ...call.getSnapshot().agreement,
    status: 'committed',
    seat: 'member',
    lineage: LINEAGE,
    epoch,
    provider,
    committee,
  })
  const providers = (east: string): CallSnapshot['providers'] => [
    { id: 'east', kind: 'whip', sight: east },
    { id: 'west', kind: 'whip', sight: 'ok' },
    { id: 'mesh', kind: 'mesh', sight: 'unknown' },
  ]
  const told = TIMELINE.filter((entry) => entry.scenes.includes(scene)).map(
    ({ scenes: _, ...entry }, index): TimelineEntry => ({ ...entry, id: index, atMs: begun + index * 1900 }),
  )
  if (scene === 'before')
    call.set({
      state: 'live',
      statusText: 'Everybody is on east.',
      health: WELL,
      provider: 'east',
      providers: providers('ok'),
      agreement: agreement(1, 'east'),
      peers: peers.map((peer, index) => ({
        ...peer,
        health: { ...peer.health, score: [96, 74, 91][index] ?? 90 },
      })),
      timeline: told,
    })
  if (scene === 'during')
    call.set({
      state: 'switching',
      statusText: 'Switching to west.',
      health: { isReduced: false, severity: 'critical', alerts: TROUBLE },
      providers: providers('dead'),
      peers: peers.map((peer, index) => ({
        ...peer,
        provider: index === 0 ? 'west' : 'east',
        health: {
          ...UNKNOWN_HEALTH,
          fps: 0,
          bitrateBps: 0,
          score: index === 0 ? null : 12,
        },
      })),
      recovery: { ...call.getSnapshot().recovery, state: 'in-progress' },
      timeline: told,
    })
  if (scene === 'after')
    call.set({
      state: 'live',
      statusText: 'Everybody is on west.',
      health: WELL,
      provider: 'west',
      providers: providers('dead'),
      agreement: agreement(2, 'west'),
      peers: peers.map((peer) => ({ ...peer, provider: 'west' })),
      recovery: idleRecovery(LAST),
      timeline: told,
    })
  if (scene === 'lost')
    call.set({
      state: 'lost',
      statusText: 'Your connection is gone. Trying again.',
      peers: peers.map((peer) => ({ ...peer, state: 'away' })),
      timeline: told,
    })
}

const WELL: CallSnapshot['health'] = { isReduced: false, severity: null, alerts: [] }
const blamed = (culprit: 'provider' | 'path'): CallSnapshot['health']['alerts'][number]['blame'] => ({
  culprit,
  participant: null,
  confidence: 0.9,
  evidence: [],
})
const TROUBLE: CallSnapshot['health']['alerts'] = [
  {
    ...{ id: 1, kind: 'high-rtt', about: { type: 'me', id: '', media: null }, severity: 'medium', sinceMs: 0 },
    ...{ value: 480, unit: 'ms', evidence: [], cause: null, blame: blamed('path') },
  },
  {
    ...{
      id: 2,
      kind: 'provider-outage',
      about: { type: 'provider', id: 'east', media: null },
      severity: 'critical',
    },
    ...{ sinceMs: 0, value: 1, unit: 'count', evidence: [], cause: null, blame: blamed('provider') },
  },
]

const ALL: readonly Scene[] = ['before', 'during', 'after', 'lost']
const TIMELINE: readonly (Omit<TimelineEntry, 'id' | 'atMs'> & { readonly scenes: readonly Scene[] })[] = [
  { scenes: ALL, kind: 'joined', text: 'You joined the call.' },
  { scenes: ALL, kind: 'decision', text: 'Everybody agreed on east.', why: 'It is the first choice of most.' },
  { scenes: ALL, kind: 'peer', text: 'Cleo joined.' },
  {
    scenes: ['during', 'after'],
    kind: 'incident',
    text: 'east stopped answering.',
    why: 'Its socket closed and nothing arrives from anybody; two others see the same.',
  },
  {
    scenes: ['during', 'after'],
    kind: 'switch',
    text: 'Switching to west.',
    why: 'It was ready already, and everybody can use it.',
  },
  {
    scenes: ['after'],
    kind: 'decision',
    text: 'Everybody agreed on west.',
    why: 'Epoch 2, four of four votes.',
  },
  { scenes: ['after'], kind: 'recovered', text: 'Media flows again.', why: 'Longest pause 0.41 s.' },
  { scenes: ['lost'], kind: 'warning', text: 'This tab lost its network.' },
]
const LAST: CallSnapshot['recovery']['last'] = {
  id: 'a1',
  room: 'daily',
  incident: 'provider-dead',
  strategy: 'switch-provider',
  initiator: 'automatic',
  reason: 'east stopped answering',
  from: 'east',
  to: 'west',
  lineage: LINEAGE,
  epoch: 2,
  startedAtMs: 0,
  durationMs: 640,
  mediaGapMs: 410,
  outcome: 'succeeded',
}
