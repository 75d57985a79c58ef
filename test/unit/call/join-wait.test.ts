import { describe, expect, it } from 'vitest'
import { createJoinWait } from '../../../src/call/join-wait.js'
import { createFakeCore, readingOf } from '../../support/fake-core.js'

const waiting = () => {
  const core = createFakeCore()
  const controller = new AbortController()
  return { core, controller, wait: createJoinWait(core, controller.signal) }
}

describe('join()', () => {
  it('is over when the agreed provider carries us, and not before', async () => {
    const { core, wait } = waiting()
    wait.refresh(readingOf(core, { agreed: null }))
    wait.refresh(readingOf(core, { current: core.pool.add('east', { state: 'connecting' }) }))
    expect(wait.isDone).toBe(false)
    wait.refresh(readingOf(core, { current: core.pool.add('east') }))
    expect(wait.isDone).toBe(true)
    await wait.promise
    expect(core.timeline.entries.map(({ text }) => text)).toEqual(['You joined on east.'])
  })

  it('fails after twenty seconds and says what is believed of each provider', async () => {
    const { core, wait } = waiting()
    core.sight.connectFailed('east')
    core.clock.advance(20_000)
    await expect(wait.promise).rejects.toMatchObject({
      code: 'join-failed',
      details: { east: 'unreachable', west: 'unknown', mesh: 'unknown' },
    })
  })

  it('rejects with the reason of an abort', async () => {
    const { controller, wait } = waiting()
    const reason = new Error('changed my mind')
    controller.abort(reason)
    await expect(wait.promise).rejects.toBe(reason)
  })

  it('rejects with `closed` when the session ends first, and then nothing settles it again', async () => {
    const { core, wait } = waiting()
    wait.stop()
    await expect(wait.promise).rejects.toMatchObject({ code: 'closed' })
    core.clock.advance(60_000)
    await expect(wait.promise).rejects.toMatchObject({ code: 'closed' })
  })
})
