import { describe, expect, it } from 'vitest'
import { createConnectionCore } from '../../../src/providers/connection-core.js'
import { followSending } from '../../../src/providers/peer-connection.js'

function followed(...states: RTCPeerConnectionState[]): string[] {
  const core = createConnectionCore({ release: () => undefined })
  core.toState('connected')
  const log: string[] = []
  core.on('status', ({ state, reason }) => log.push(reason ? `${state}:${reason}` : state))
  for (const state of states) followSending(core, state)
  return log
}

describe('the state of a connection that sends over a peer connection', () => {
  it('goes and comes back with it', () => {
    expect(followed('disconnected', 'connected')).toEqual(['reconnecting:ice', 'connected'])
  })

  it('fails for good when it fails', () => {
    expect(followed('failed', 'connected')).toEqual(['failed:ice'])
  })

  it('fails too when it is closed under us, since nobody would hear us again', () => {
    expect(followed('closed')).toEqual(['failed:ice'])
  })

  it('is the join’s business while it connects', () => {
    const core = createConnectionCore({ release: () => undefined })
    for (const state of ['connecting', 'connected', 'failed'] as const) followSending(core, state)
    expect(core.status.state).toBe('connecting')
  })
})
