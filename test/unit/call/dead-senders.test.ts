import { describe, expect, it } from 'vitest'
import { endDeadSenders } from '../../../src/call/dead-senders.js'
import type { ConnectionVerdict } from '../../../src/health/verdict.js'
import type { Connection, PeerConnectionEntry } from '../../../src/providers/provider.js'
import { createFakeCore, type FakeCore } from '../../support/fake-core.js'

const LEFT = { agreed: 'west' }

/** A call with a connection to `east` of which this is believed; `open` tells what of it is still open. */
function calling(belief: Partial<ConnectionVerdict>): { core: FakeCore; id: string; open: () => string[] } {
  const core = createFakeCore()
  const open = new Set(['send', 'recv', 'both'])
  const entries = [...open].map((role) => ({ id: role, role, pc: { close: () => open.delete(role) } }))
  const connection = { peerConnections: () => entries as unknown as PeerConnectionEntry[] }
  const { id } = core.pool.add('east', { connection: connection as unknown as Connection })
  const verdict = {
    connectionId: id,
    state: 'dead',
    blame: 'provider',
    evidence: [],
    silentForMs: 200,
  } as const
  core.verdicts.set(id, { ...verdict, ...belief })
  return { core, id, open: () => [...open] }
}

describe('a dead server that the call has left', () => {
  it('is sent nothing more, and its last pictures stay', () => {
    const { core, open } = calling({})
    endDeadSenders(core, LEFT)
    expect(open()).toEqual(['recv', 'both'])
  })

  it('is sent to until everybody has agreed to leave it', () => {
    const { core, open } = calling({})
    endDeadSenders(core, { agreed: 'east' })
    endDeadSenders(core, { agreed: null })
    expect(open()).toContain('send')
  })

  it('is sent to while it is only suspect, or our own path is to blame', () => {
    const suspect = calling({ state: 'suspect', blame: 'none' })
    const unreached = calling({ blame: 'path' })
    endDeadSenders(suspect.core, LEFT)
    endDeadSenders(unreached.core, LEFT)
    expect([suspect.open(), unreached.open()].flat().filter((role) => role === 'send')).toHaveLength(2)
  })

  it('is left alone while a repair has it in hand', () => {
    const { core, id, open } = calling({})
    core.held.add(id)
    endDeadSenders(core, LEFT)
    expect(open()).toContain('send')
  })
})
