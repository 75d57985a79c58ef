import { afterEach, describe, expect, it, vi } from 'vitest'
// Loaded ahead: on a busy machine the import takes longer than the virtual time of a test.
import '../../../src/call/experience.js'
import '../../../src/call/health-desk.js'
import '../../../src/call/recovery-guard.js'
import type { Alert } from '../../../src/health/alert.js'
import type { StoredReading } from '../../../src/history/archive-contract.js'
import { type NodeCall, type NodeCalls, nodeCalls } from '../../support/node-calls.js'

vi.setConfig({ testTimeout: 60_000 })

let calls: NodeCalls
let room = 0

afterEach(() => calls.close())

/** Two people who see each other on `east`, with detectors running. */
async function pair(): Promise<readonly [NodeCall, NodeCall]> {
  room += 1
  calls = nodeCalls(`health-${room}`)
  const ana = await calls.open('ana')
  const bob = await calls.open('bob')
  await calls.until('both live', () => [ana, bob].every(({ last }) => last.state === 'live'))
  await calls.until('detectors run', () => [ana, bob].every(({ last }) => !last.health.isReduced))
  return [ana, bob]
}

/** Events of the dead camera; a machine that is busy with other things may tell of other trouble too. */
const ofCamera = (call: NodeCall, name: string) =>
  call.moments.filter((moment) => moment.name === name && (moment.event as Alert).kind === 'dead-device')
const isTold = (call: NodeCall) => call.last.health.alerts.some(({ kind }) => kind === 'dead-device')

describe('alerts of a call', () => {
  it('P10 P54 a dead camera is an event, in the snapshot and in the timeline, and goes with a new one', async () => {
    const [ana] = await pair()
    const camera = ana.local.tracks().find(({ source }) => source === 'camera')?.track as { readyState: string }
    camera.readyState = 'ended'
    await calls.until('raised', () => ofCamera(ana, 'alert-raised').length > 0)
    expect(ofCamera(ana, 'alert-raised')[0]?.event).toMatchObject({
      severity: 'high',
      about: { type: 'me', media: 'video' },
      blame: { culprit: 'my-device' },
    })
    await calls.until('shown', () => isTold(ana))
    expect(ana.last.health.severity).toBe('high')
    expect(ana.last.timeline.some(({ why }) => why === 'Your device.')).toBe(true)
    camera.readyState = 'live'
    await calls.until('cleared', () => ofCamera(ana, 'alert-cleared').length > 0)
    await calls.until('gone', () => !isTold(ana))
  })

  it('P09 P12 P15 overview, statistics and readings of the day can be asked for', async () => {
    const [ana] = await pair()
    let kept: readonly StoredReading[] = []
    await calls.until(
      'a reading is kept',
      () => {
        void ana.session
          .desk()
          ?.readings({ series: 'call' })
          .then((found) => {
            kept = found
          })
        return kept.length > 0
      },
      120_000,
    )
    const report = () => ana.session.desk()?.latest()
    await calls.until('it was watched for a while', () => (report()?.statistics.observedMs ?? 0) > 5_000)
    expect(report()?.overview).toMatchObject({ rootCause: null, isOnline: true })
    const [reading] = kept
    expect(reading?.values).toMatchObject({ isOnline: 1 })
  })
})
