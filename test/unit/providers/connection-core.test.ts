import { describe, expect, it, vi } from 'vitest'
import { connectionOf, createConnectionCore } from '../../../src/providers/connection-core.js'
import type { RemoteTrack } from '../../../src/providers/provider.js'

const remoteTrack = (id: string, peer: string): RemoteTrack => ({
  id,
  peer,
  source: 'camera',
  track: { id } as MediaStreamTrack,
})

function recorded(release: () => Promise<void> | void = () => undefined) {
  const core = createConnectionCore({ release })
  const log: string[] = []
  core.on('status', (status) => log.push(`${status.state}${status.reason ? `:${status.reason}` : ''}`))
  core.on('peer', ({ peer, isPresent }) => log.push(`${isPresent ? '+' : '-'}${peer}`))
  core.on('track', ({ id }) => log.push(`track ${id}`))
  core.on('track-ended', ({ id }) => log.push(`ended ${id}`))
  return { core, log }
}

describe('connection core', () => {
  it('tells no status twice and lets nothing but closed follow failed', async () => {
    const { core, log } = recorded()
    core.toState('connected')
    core.toState('connected')
    core.toState('failed', { reason: 'server' })
    core.toState('connected')
    await core.leave()
    expect(log).toEqual(['connected', 'failed:server', 'closed:left'])
  })

  it('ends the tracks of a participant before the participant goes', () => {
    const { core, log } = recorded()
    core.addTrack(remoteTrack('1', 'bea'))
    core.setPeer('bea', false)
    core.setPeer('bea', false)
    expect(log).toEqual(['+bea', 'track 1', 'ended 1', '-bea'])
  })

  it('ends the earlier track when another comes under its id', () => {
    const { core, log } = recorded()
    const first = remoteTrack('1', 'bea')
    core.addTrack(first)
    core.addTrack(first)
    core.addTrack({ ...first, track: { id: 'other' } as MediaStreamTrack })
    expect(log).toEqual(['+bea', 'track 1', 'ended 1', 'track 1'])
  })

  it('is silent after leave and releases once however often it is called', async () => {
    const release = vi.fn()
    const { core, log } = recorded(release)
    core.addTrack(remoteTrack('1', 'bea'))
    log.length = 0
    const leaving = core.leave()
    core.setPeer('bea', false)
    core.toState('failed')
    await Promise.all([leaving, core.leave()])
    core.addTrack(remoteTrack('2', 'bea'))
    expect(log).toEqual(['closed:left'])
    expect(core.tracks.size + core.peers.size).toBe(0)
    expect(release).toHaveBeenCalledOnce()
    expect(core.scope.aborted).toBe(true)
  })

  it('leaves within its limit when the goodbye never ends, and when it fails', async () => {
    vi.useFakeTimers()
    const stuck = createConnectionCore({ release: () => new Promise(() => undefined) })
    const leaving = stuck.leave()
    await vi.advanceTimersByTimeAsync(3_000)
    await leaving
    expect(stuck.status.state).toBe('closed')
    vi.useRealTimers()
    const failing = createConnectionCore({ release: () => Promise.reject(new Error('offline')) })
    await failing.leave()
    expect(failing.status.state).toBe('closed')
  })

  it('closes at once with the reason when the far side ends it', async () => {
    const { core, log } = recorded()
    core.end('kicked')
    core.end('room-ended')
    await core.leave()
    expect(log).toEqual(['closed:kicked'])
    expect(core.status.isRecoverable).toBe(false)
  })

  it('keeps the status of the built connection live', () => {
    const core = createConnectionCore({ release: () => undefined })
    const connection = connectionOf(core, { publish: async () => undefined })
    core.toState('connected')
    expect(connection.status.state).toBe('connected')
  })
})
