import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { AttemptStart } from '../../../src/call/attempts.js'
import { loadExperience, tellExperience } from '../../../src/call/experience-loader.js'
import type { Attempt } from '../../../src/history/attempt.js'
import { createFakeCore, type FakeCore } from '../../support/fake-core.js'

const START: AttemptStart = {
  incident: 'provider-outage',
  strategy: 'switch-provider',
  initiator: 'me',
  reason: 'The server fell silent.',
  from: 'east',
  to: 'west',
  lineage: null,
  epoch: null,
}

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

  it('P44 explains also what was repaired before it was there', async () => {
    const { attempts } = core
    attempts.begin(START)
    const begun = attempts.current as Attempt
    tellExperience(core, (experience) => experience.saw(begun))
    const ended = attempts.settle('succeeded') as Attempt
    tellExperience(core, (experience) => experience.saw(ended))
    const experience = await loadExperience(core, Promise.resolve(), () => false)()
    core.clock.advance(1000)
    await vi.waitFor(async () =>
      expect(await experience?.archive.explanation(begun.id)).toMatchObject({
        cause: 'The server fell silent.',
        outcome: 'succeeded',
      }),
    )
    experience?.close()
  })

  it('P26 is left alone when the call was left meanwhile, and when it did not join', async () => {
    const load = loadExperience(core, Promise.reject(new Error('no')), () => true)
    expect(await load()).toBeNull()
    expect(core.experience).toBeNull()
  })
})
