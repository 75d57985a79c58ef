import { describe, expect, it } from 'vitest'
import type { CallOptions } from '../../../src/call/contract.js'
import { resolveOptions } from '../../../src/call/options.js'
import type { Provider } from '../../../src/providers/provider.js'

const provider = (id: string): Provider => ({
  id,
  kind: 'test',
  capabilities: {
    media: 'sendrecv',
    identity: 'native',
    concurrent: true,
    stats: 'none',
    data: null,
    iceRestart: false,
    keyFrame: 'none',
    sendCap: 'none',
    server: true,
  },
  connect: () => Promise.reject(new Error('not used')),
})
const good: CallOptions = {
  room: 'r',
  me: { id: 'ana' },
  providers: [provider('east')],
  signaling: ['ws://127.0.0.1:1'],
}

describe('options', () => {
  it('fills in every default', () => {
    expect(resolveOptions(good)).toMatchObject({
      me: { id: 'ana', name: 'ana' },
      standby: 'warm',
      automatic: true,
      keepSeat: true,
      iceServers: [],
      worker: 'auto',
      history: 'indexeddb',
    })
  })

  it('names what is missing, and says so in words', () => {
    const { signaling, ...without } = good
    const messageOf = (options: unknown): string => {
      try {
        resolveOptions(options as CallOptions)
      } catch (error) {
        return String((error as Error).message)
      }
      return 'taken'
    }
    expect(signaling).toHaveLength(1)
    expect(messageOf(without)).toBe('Option "signaling" is missing.')
    expect(messageOf(undefined)).toBe('Option "options" is missing.')
    expect(messageOf({ ...good, iceServers: ['stun:a'] })).toBe('Option "iceServers.0" must be an object.')
  })

  it('P66 takes one tree of options for recovery', () => {
    const recovery = {
      maxConcurrent: 2,
      maxPerMinute: 10,
      budgetMs: 30_000,
      policy: { kind: 'linear', firstMs: 100, stepMs: 100, maxMs: 1000 },
      breakers: { failuresMax: 3 },
      texts: { 'nothing.cleared': 'Vorbei.' },
      roles: ['host'],
    } as const
    expect(resolveOptions({ ...good, recovery }).recovery).toEqual(recovery)
    expect(resolveOptions(good).recovery).toEqual({})
  })

  it('P66 refuses what cannot work in it, and what it does not know', () => {
    for (const recovery of [
      { maxConcurent: 2 },
      { maxConcurrent: 0 },
      { maxPerMinute: 1_000 },
      { budgetMs: -1 },
      { policy: { kind: 'exponential' } },
      { policy: { kind: 'prayer' } },
      { breakers: { failuresMax: 0 } },
      { breakers: { failureMax: 3 } },
      { strategies: [{ id: 'mine' }] },
      { texts: { 'nothing.cleared': 7 } },
      { roles: 'admin' },
      { reacquire: true },
    ])
      expect(() => resolveOptions({ ...good, recovery } as CallOptions), JSON.stringify(recovery)).toThrowError(
        expect.objectContaining({ code: 'invalid-options', details: { field: 'recovery' } }),
      )
  })

  const bad: [string, unknown][] = [
    ['room', { ...good, room: '' }],
    ['room', { ...good, room: 7 }],
    ['me', { ...good, me: undefined }],
    ['me.id', { ...good, me: { id: '' } }],
    ['providers', { ...good, providers: [] }],
    ['health', { ...good, health: { thresholds: { 'high-rtt': { medium: 'much' } } } }],
    ['health', { ...good, health: { thresholds: { jitter: 40 } } }],
    ['recovery', { ...good, recovery: { maxConcurent: 2 } }],
    ['recovery', { ...good, recovery: { maxConcurrent: 0 } }],
    ['recovery', { ...good, recovery: { policy: { kind: 'exponential' } } }],
    ['recovery', { ...good, recovery: { strategies: [{ id: 'mine' }] } }],
    ['recovery', { ...good, recovery: { texts: { 'nothing.cleared': 7 } } }],
    ['health.thresholds.packet-los', { ...good, health: { thresholds: { 'packet-los': { low: 1 } } } }],
    ['health.thresholds.jitter.hihg', { ...good, health: { thresholds: { jitter: { hihg: 40 } } } }],
    ['providers', { ...good, providers: [provider('a'), provider('a')] }],
    ['providers.0', { ...good, providers: [provider('Not An Id')] }],
    ['providers.0', { ...good, providers: [{}] }],
    ['signaling', { ...good, signaling: [] }],
    ['signaling.0', { ...good, signaling: ['http://127.0.0.1'] }],
    ['standby', { ...good, standby: 'boiling' }],
    ['logger', { ...good, logger: {} }],
    ['keepSeat', { ...good, keepSeat: 'yes' }],
    ['auth', { ...good, auth: { token: 'a stored token', verify: () => ({}) } }],
    ['auth', { ...good, auth: { token: () => 'token' } }],
  ]
  it.each(bad)('names the field %s that cannot work', (field, options) => {
    let caught: unknown
    try {
      resolveOptions(options as CallOptions)
    } catch (error) {
      caught = error
    }
    expect(caught).toMatchObject({ code: 'invalid-options', details: { field } })
    expect(String(caught)).toContain(`"${field}"`)
  })
})
