import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createCall } from '../../../src/call/call.js'
import { createMemoryHub, memory } from '../../../src/providers/memory.js'

vi.mock('../../../src/call/session.js', () => {
  throw new Error('the network is gone')
})

beforeEach(() => void vi.stubGlobal('RTCPeerConnection', class {}))
afterEach(() => void vi.unstubAllGlobals())

const newCall = () =>
  createCall({
    room: 'lobby',
    me: { id: 'ada' },
    providers: [memory({ id: 'one', hub: createMemoryHub() })],
    signaling: ['ws://127.0.0.1:9'],
  })

it('a call whose code cannot be loaded fails with a retryable code and may be joined again', async () => {
  const call = newCall()
  for (let time = 0; time < 2; time++) {
    await expect(call.join()).rejects.toMatchObject({ code: 'join-failed', retryable: true })
    expect(call.getSnapshot().state).toBe('failed')
  }
})

it('a call that is left while its code loads stays left', async () => {
  const call = newCall()
  const joining = call.join()
  await call.leave()
  await expect(joining).rejects.toMatchObject({ code: 'closed' })
  expect(call.getSnapshot().state).toBe('left')
})
