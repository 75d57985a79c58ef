import { beforeEach, describe, expect, it, vi } from 'vitest'
import { loadExperience } from '../../../src/call/experience-loader.js'
import { createFakeCore, type FakeCore } from '../../support/fake-core.js'

let core: FakeCore

beforeEach(() => {
  core = createFakeCore()
})

describe('what was learned', () => {
  it('is not loaded before the call has joined, and then a moment later', async () => {
    let isJoined = (): void => undefined
    const joined = new Promise<void>((resolve) => {
      isJoined = resolve
    })
    loadExperience(core, joined, () => false)
    core.clock.advance(10_000)
    await Promise.resolve()
    expect(core.experience).toBeNull()
    isJoined()
    await joined
    await Promise.resolve()
    core.clock.advance(1600)
    await vi.waitFor(() => expect(core.experience).not.toBeNull())
    expect(core.archive).toBe(core.experience?.archive)
    core.experience?.close()
  })

  it('is loaded at once for who asks for it, and once only', async () => {
    const load = loadExperience(core, Promise.resolve(), () => false)
    const [one, other] = await Promise.all([load(), load()])
    expect(one).not.toBeNull()
    expect(one).toBe(other)
    one?.close()
  })

  it('P26 is left alone when the call was left meanwhile, and when it did not join', async () => {
    const load = loadExperience(core, Promise.reject(new Error('no')), () => true)
    expect(await load()).toBeNull()
    expect(core.experience).toBeNull()
  })
})
