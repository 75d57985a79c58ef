/** What was set by hand comes back with the page that follows in the same tab. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
// Loaded beforehand: virtual time does not wait for a file.
import '../../../src/call/recovery-desk.js'
import { type NodeCall, type NodeCalls, nodeCalls } from '../../support/node-calls.js'

let room: NodeCalls
const stored = new Map<string, string>()

beforeEach(() => {
  stored.clear()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  })
  room = nodeCalls('kept')
})
afterEach(async () => {
  await room.close()
  vi.unstubAllGlobals()
})

async function ada(id = 'ada'): Promise<NodeCall> {
  const one = await room.open(id)
  await room.until('ada is live', () => one.state === 'live')
  await room.settled(one.session.recovery())
  return one
}

const deskOf = (call: NodeCall) => {
  const desk = call.session.core.recovery
  if (desk === null) throw new Error('no desk')
  return desk
}

describe('recovery over a refresh', () => {
  it('P19 stays switched off, stays stopped, and does what was scheduled', async () => {
    const before = deskOf(await ada())
    await before.api.setAutomatic(false)
    await before.api.setEmergency(true)
    await before.api.schedule({ strategy: 'quality-up', inMs: 60_000 })
    // A page that is closed does not leave: what it kept lies there for the next one.
    const after = deskOf(await ada('ada-refreshed')).status()
    expect(after).toMatchObject({ isAutomatic: false, isEmergency: true })
    expect(after.scheduled).toEqual([
      { id: expect.any(String), atMs: before.status().scheduled[0]?.atMs, strategy: 'quality-up' },
    ])
  })

  it('P19 begins anew after leaving, and where what lies there cannot be read', async () => {
    const call = await ada()
    await deskOf(call).api.setAutomatic(false)
    expect(stored.size).toBe(1)
    for (const garbage of ['no json', '{"isAutomatic":1}', 'null']) {
      stored.set('holdfast-recovery/kept', garbage)
      expect(deskOf(await ada(`ada-${garbage.length}`)).status().isAutomatic).toBe(true)
    }
    deskOf(call).stop()
    expect(stored.size).toBe(0)
  })
})
