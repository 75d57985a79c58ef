import { afterEach, describe, expect, it, vi } from 'vitest'
import { isHoldfastError } from '../../../src/errors.js'
import { createMemoryHub, memory } from '../../../src/providers/memory.js'
import type { JoinRequest } from '../../../src/providers/provider.js'
import { createNoticeBoard } from '../../../src/testing/board.js'
import { createCarrier } from '../../../src/testing/faults/carrier.js'
import { createFaults, FAULT_KINDS, type Fault, type FaultsOptions } from '../../../src/testing/faults.js'

let open: ReturnType<typeof createFaults> | null = null

afterEach(async () => {
  vi.useRealTimers()
  await open?.close()
})

function faultsOf(options: FaultsOptions = {}) {
  open = createFaults(options)
  return open
}

function requestOf(token: () => Promise<string | undefined>): JoinRequest {
  const { directory, channel } = createNoticeBoard().seat('ana')
  const signal = new AbortController().signal
  return { room: 'r', peer: 'ana', session: 's', token, tracks: [], directory, channel, iceServers: [], signal }
}

/** Kinds that `count` beats bring, in order. */
async function brought(seed: number, count: number): Promise<readonly string[]> {
  vi.useFakeTimers()
  const kinds: string[] = []
  const outside = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, () => () => undefined]))
  const faults = createFaults({ seed, outside, everyMs: 100, onFault: ({ kind }) => kinds.push(kind) })
  faults.start()
  await vi.advanceTimersByTimeAsync(count * 100)
  await faults.close()
  return kinds
}

describe('faults of a running call', () => {
  it('P67 the same seed breaks the same things in the same order, another one others', async () => {
    const first = await brought(7, 200)
    expect(first.length).toBeGreaterThan(20)
    expect(first.length).toBeLessThan(100)
    expect(await brought(7, 200)).toEqual(first)
    expect(await brought(8, 200)).not.toEqual(first)
    expect(new Set(first).size).toBeGreaterThan(FAULT_KINDS.length / 2)
  })

  it('P67 every kind of incident can be caused, ends by itself or when told to, and is written down', async () => {
    vi.useFakeTimers()
    const ended: string[] = []
    const outside = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, () => () => void ended.push(kind)]))
    const faults = faultsOf({ outside, lastsMs: 1000 })
    const caused: (Fault | null)[] = []
    for (const kind of FAULT_KINDS) caused.push(await faults.inject(kind))
    expect(faults.log).toEqual(caused)
    expect(faults.log.every(({ isActive }) => isActive)).toBe(true)
    await vi.advanceTimersByTimeAsync(1000)
    expect(ended).toEqual([...FAULT_KINDS])
    const lasting = await faults.inject('timeout', { lastsMs: null })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lasting?.isActive).toBe(true)
    await faults.heal()
    expect(lasting?.isActive).toBe(false)
    expect(ended.at(-1)).toBe('timeout')
  })

  it('P67 says null where there is nothing that it could break', async () => {
    const faults = faultsOf()
    for (const kind of ['frame-corruption', 'device-failure', 'auth-failure', 'provider-outage'] as const)
      expect(await faults.inject(kind), kind).toBeNull()
    expect(faults.log).toEqual([])
  })

  it('P67 a token that was shown before is refused, a new one is not, and all is well after healing', async () => {
    const faults = faultsOf()
    const provider = faults.provider(memory({ id: 'east', hub: createMemoryHub() }))
    let token = 'first'
    const connection = await provider.connect(requestOf(async () => token))
    const states: string[] = []
    connection.on('status', ({ state, reason }) => states.push(`${state} ${reason}`))
    await faults.inject('auth-failure', { provider: 'east', lastsMs: null })
    expect(states).toEqual(['failed token-expired'])
    expect(connection.status).toMatchObject({ state: 'failed', isRecoverable: false })
    const refused = await provider.connect(requestOf(async () => token)).catch((error: unknown) => error)
    expect(isHoldfastError(refused, 'provider-token-expired')).toBe(true)
    token = 'second'
    expect((await provider.connect(requestOf(async () => token))).status.state).toBe('connected')
    await faults.heal()
    token = 'first'
    expect((await provider.connect(requestOf(async () => token))).status.state).toBe('connected')
  })

  it('P67 a provider that is out tells so and cannot be reached', async () => {
    const faults = faultsOf()
    const provider = faults.provider(memory({ id: 'east', hub: createMemoryHub() }))
    const connection = await provider.connect(requestOf(async () => undefined))
    const signals: string[] = []
    connection.on('signal', ({ type }) => signals.push(type))
    await faults.inject('provider-outage', { provider: 'east' })
    expect(signals).toEqual(['socket-closed'])
    const refused = await provider.connect(requestOf(async () => undefined)).catch((error: unknown) => error)
    expect(isHoldfastError(refused, 'provider-network')).toBe(true)
    await connection.leave()
    expect(connection.status.state).toBe('closed')
  })

  it('P67 breaks the connection that carries the call, not the one that it has replaced', async () => {
    const carrier = createCarrier()
    const provider = carrier.wrap(memory({ id: 'east', hub: createMemoryHub() }))
    await provider.connect(requestOf(async () => undefined))
    const fresh = await provider.connect({ ...requestOf(async () => undefined), peer: 'ben' })
    const [first, ...others] = carrier.connections('east')
    await fresh.leave()
    expect(first?.status.state).toBe('closed')
    expect(carrier.connections('east')).toEqual(others)
    expect(others).toHaveLength(1)
  })

  it('P67 gives the page its own sockets and requests back', async () => {
    const before = { fetch: globalThis.fetch, BroadcastChannel: globalThis.BroadcastChannel }
    const faults = faultsOf()
    expect(globalThis.BroadcastChannel).not.toBe(before.BroadcastChannel)
    await faults.inject('network-disconnect')
    await expect(fetch('http://127.0.0.1:9/')).rejects.toThrow('gone')
    await faults.close()
    expect({ fetch: globalThis.fetch, BroadcastChannel: globalThis.BroadcastChannel }).toEqual(before)
  })
})
