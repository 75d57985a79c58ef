import { beforeEach, describe, expect, it } from 'vitest'
import { createSwitching, type Switching } from '../../../src/call/switching.js'
import { isHoldfastError } from '../../../src/errors.js'
import { createFakeCore, type FakeCore, presenceOf, readingOf, recordOf } from '../../support/fake-core.js'
import { aRegister } from '../consensus/support.js'

let core: FakeCore
let switching: Switching

const decide = (provider: string, n: number): void => {
  const record = recordOf(provider, n)
  core.stand(record)
  switching.onCommitted(record)
}
const refresh = (facts: Parameters<typeof readingOf>[1]): void => switching.refresh(readingOf(core, facts))
/** A wish of which nobody says who made it. */
const noticeUnexplained = (): void => {
  refresh({ candidates: ['west'] })
  core.clock.advance(251)
  refresh({ candidates: ['west'] })
}
const outcomeOf = (promise: Promise<void>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (isHoldfastError(error) ? error.code : 'other'),
  )

beforeEach(() => {
  core = createFakeCore()
  switching = createSwitching(core)
  decide('east', 3)
})

describe('a move', () => {
  it('forgets what was seen of the provider before: it may have been started again since it died', () => {
    core.sight.note('west', 'dead')
    const dead = core.pool.add('west')
    const well = core.pool.add('west')
    core.verdicts.set(dead.id, {
      ...{ connectionId: dead.id, state: 'dead', blame: 'provider', evidence: [], silentForMs: 900 },
    })
    decide('west', 4)
    expect(core.sight.of('west')).toBe('unknown')
    expect(core.pool.entries()).toEqual([well])
    core.sight.note('west', 'dead')
    decide('west', 5)
    expect(core.sight.of('west')).toBe('dead')
  })
})

describe('a wish', () => {
  it('is told to the agreement and, with its reason, to everybody, in this order', async () => {
    void outcomeOf(switching.request('west', 'maintenance'))
    expect(core.wishes).toEqual(['want west'])
    expect(core.document.announced.asking).toBeUndefined()
    await Promise.resolve()
    expect(core.document.announced.asking).toEqual({ provider: 'west', reason: 'maintenance' })
  })

  it('travels with a reason of at most 120 characters', async () => {
    void outcomeOf(switching.request('west', 'x'.repeat(500)))
    await Promise.resolve()
    expect(core.document.announced.asking?.reason).toHaveLength(120)
  })

  it('is done when it is agreed and media flows there, not before', async () => {
    let isDone = false
    const asked = switching.request('west', 'test').then(() => {
      isDone = true
    })
    refresh({ candidates: ['west'] })
    decide('west', 4)
    refresh({ agreed: 'west' })
    await Promise.resolve()
    expect(isDone).toBe(false)
    refresh({ agreed: 'west', isFlowing: true, isShown: true })
    await asked
    // Told a moment longer: whoever hears of the record before the wish must still learn who asked.
    expect(core.document.announced.asking).toEqual({ provider: 'west', reason: 'test' })
    core.clock.advance(3001)
    refresh({ agreed: 'west', isFlowing: true, isShown: true })
    expect(core.document.announced.asking).toBeNull()
  })

  it('P04 learns afterwards who asked, and that the provider had died', () => {
    refresh({ candidates: ['west'] })
    // Word of the asker follows the wish within milliseconds, so the attempt waits for it a little.
    expect(core.attempts.current).toBeNull()
    core.clock.advance(251)
    expect(core.refreshes).toBeGreaterThan(0)
    refresh({ candidates: ['west'] })
    expect(core.attempts.current).toMatchObject({ incident: 'switch-requested', initiator: 'automatic' })
    const asking = { provider: 'west', reason: 'it failed' }
    core.document.pages.set('voter-bob', presenceOf('bob', { asking, sight: { east: 'dead' } }))
    refresh({ candidates: ['west'] })
    expect(core.attempts.current).toMatchObject({
      incident: 'provider-outage',
      initiator: 'bob',
      reason: 'it failed',
    })
    expect(core.timeline.entries.filter(({ kind }) => kind === 'switch').map(({ why }) => why)).toEqual([
      'it failed',
    ])
  })

  it('fails when the call decides for another provider', async () => {
    const asked = outcomeOf(switching.request('west', 'test'))
    refresh({ candidates: ['west'] })
    decide('mesh', 4)
    refresh({ agreed: 'mesh', isFlowing: true })
    expect(await asked).toBe('switch-superseded')
  })

  it('waits on while the call has moved elsewhere and somebody still wants it', async () => {
    const asked = outcomeOf(switching.request('west', 'test'))
    decide('mesh', 4)
    refresh({ agreed: 'mesh', candidates: ['west'] })
    decide('west', 5)
    refresh({ agreed: 'west', isFlowing: true })
    expect(await asked).toBe('done')
  })

  it('does not take the moment between two records for a refusal', async () => {
    const asked = outcomeOf(switching.request('west', 'test'))
    refresh({ candidates: ['west'] })
    core.clock.advance(3000)
    // Somebody left: the same provider with fewer seats, and the wish is about to be written again.
    decide('east', 4)
    refresh({ candidates: [] })
    core.clock.advance(500)
    refresh({ candidates: ['west'] })
    // A reading of before the commit that the same refresh brought about.
    decide('west', 5)
    refresh({ agreed: 'east', candidates: [] })
    refresh({ agreed: 'west' })
    refresh({ agreed: 'west', isFlowing: true, isShown: true })
    expect(await asked).toBe('done')
    expect(core.attempts.last?.outcome).toBe('succeeded')
  })

  it('survives a change of seats as long as somebody still wants it', async () => {
    const asked = outcomeOf(switching.request('west', 'test'))
    decide('east', 4)
    refresh({ candidates: ['west'] })
    core.clock.advance(2000)
    refresh({ candidates: ['west'] })
    decide('west', 5)
    refresh({ agreed: 'west', isFlowing: true })
    expect(await asked).toBe('done')
  })

  it('fails a second after everybody dropped it, and after twelve seconds in any case', async () => {
    const dropped = outcomeOf(switching.request('west', 'test'))
    refresh({ candidates: [] })
    core.clock.advance(1001)
    refresh({ candidates: [] })
    expect(await dropped).toBe('switch-failed')
    const undecided = outcomeOf(switching.request('west', 'test'))
    core.clock.advance(12_001)
    refresh({ candidates: ['west'] })
    expect(await undecided).toBe('switch-failed')
  })

  it('rejects with `closed` when the call is left meanwhile, and its attempt ends as cancelled', async () => {
    const asked = outcomeOf(switching.request('west', 'test'))
    refresh({ candidates: ['west'] })
    switching.stop()
    expect(await asked).toBe('closed')
    expect(core.written.at(-1)).toMatchObject({ outcome: 'cancelled', strategy: 'switch-provider' })
  })
})

describe('the attempt of a switch', () => {
  it('begins when a candidate appears, names who asked and why, and ends when media is shown', () => {
    core.document.pages.set(
      'voter-bob',
      presenceOf('bob', { asking: { provider: 'west', reason: 'closer server' } }),
    )
    refresh({ candidates: ['west'] })
    expect(core.attempts.current).toMatchObject({
      incident: 'switch-requested',
      initiator: 'bob',
      reason: 'closer server',
      from: 'east',
      to: 'west',
    })
    decide('west', 4)
    core.clock.advance(700)
    refresh({ agreed: 'west', isFlowing: true })
    expect(core.attempts.current).not.toBeNull()
    refresh({ agreed: 'west', isFlowing: true, isShown: true })
    expect(core.attempts.last).toMatchObject({ outcome: 'succeeded', epoch: 4, durationMs: 700 })
    expect(core.fired.filter((name) => name === 'switch-started')).toHaveLength(1)
  })

  it('P04 is an outage for everybody as soon as anybody sees the old provider dead', () => {
    core.document.pages.set('voter-bob', presenceOf('bob', { sight: { east: 'dead' } }))
    refresh({ candidates: ['west'] })
    expect(core.attempts.current?.incident).toBe('provider-outage')
  })

  it('P04 is an outage where the asker says so, also when what the asker saw has not arrived', () => {
    decide('west', 4)
    refresh({ agreed: 'west', isFlowing: true, isShown: true })
    // A hot standby is shown at once; who asked, and why, is still under way.
    expect(core.attempts.current).toMatchObject({ incident: 'switch-requested', outcome: 'in-progress' })
    const asking = { provider: 'west', reason: 'it failed', isOutage: true }
    core.document.pages.set('voter-bob', presenceOf('bob', { asking }))
    refresh({ agreed: 'west', isFlowing: true, isShown: true })
    expect(core.attempts.last).toMatchObject({
      incident: 'provider-outage',
      initiator: 'bob',
      outcome: 'succeeded',
    })
  })

  it('P04 names the dead provider until the asker is known, whichever is seen first', () => {
    core.sight.note('east', 'dead')
    refresh({ candidates: ['west'] })
    expect(core.attempts.current).toMatchObject({ initiator: 'automatic', reason: 'east no longer answers.' })
    const asking = { provider: 'west', reason: 'east failed: its connection closed.', isOutage: true }
    core.document.pages.set('voter-bob', presenceOf('bob', { asking }))
    refresh({ candidates: ['west'] })
    expect(core.attempts.current).toMatchObject({ initiator: 'bob', reason: asking.reason })
    expect(core.timeline.entries.at(-1)).toMatchObject({ kind: 'switch', why: asking.reason })
  })

  it('P04 learns that it was an outage, although nobody says who asked', () => {
    noticeUnexplained()
    expect(core.attempts.current?.reason).toBe('agreed by the participants')
    core.sight.note('east', 'dead')
    refresh({ candidates: ['west'] })
    expect(core.attempts.current?.reason).toBe('east no longer answers.')
  })

  it('ends without a reason when nobody says one', () => {
    decide('west', 4)
    refresh({ agreed: 'west', isFlowing: true, isShown: true })
    core.clock.advance(251)
    expect(core.refreshes).toBeGreaterThan(0)
    refresh({ agreed: 'west', isFlowing: true, isShown: true })
    expect(core.attempts.last).toMatchObject({ incident: 'switch-requested', outcome: 'succeeded' })
  })

  it('is not opened by the word of somebody who has left', () => {
    core.document.pages.set('voter-bob', presenceOf('bob', { sight: { east: 'dead' }, hasLeft: true }))
    noticeUnexplained()
    expect(core.attempts.current?.incident).toBe('switch-requested')
  })

  it('becomes an outage when the provider dies while a planned switch is under way', () => {
    noticeUnexplained()
    switching.flee('east', 'west', 'east failed')
    expect(core.attempts.current).toMatchObject({ incident: 'provider-outage', to: 'west' })
    expect(core.fired.filter((name) => name === 'switch-started')).toHaveLength(1)
  })

  it('fails when media does not flow within ten seconds of the decision', () => {
    noticeUnexplained()
    decide('west', 4)
    core.clock.advance(10_001)
    refresh({ agreed: 'west' })
    expect(core.attempts.last?.outcome).toBe('failed')
  })

  it('is counted for somebody who learns of the switch only by its result', () => {
    decide('west', 4)
    expect(core.attempts.current).toMatchObject({ from: 'east', to: 'west', epoch: 4 })
    expect(core.timeline.entries.map(({ text }) => text)).toContain('Everybody agreed on west.')
  })

  it('is not begun by a change of seats on the same provider', () => {
    decide('east', 4)
    refresh({ isFlowing: true, isShown: true })
    expect(core.attempts.current).toBeNull()
    expect(core.fired).not.toContain('switch-started')
  })
})

describe('fleeing', () => {
  it('asks once, however often it is noticed', () => {
    switching.flee('east', 'west', 'east failed')
    switching.flee('east', 'west', 'east failed')
    expect(core.wishes).toEqual(['want west'])
    expect(core.written).toHaveLength(1)
  })

  it('asks again when the next choice is another one', () => {
    switching.flee('east', 'west', 'east failed')
    switching.flee('east', 'mesh', 'east failed')
    expect(core.wishes).toEqual(['want west', 'want mesh'])
  })
})

it('P08 keeps the last 20 decided records, oldest first, with participants instead of voters', () => {
  core.document.folded.set('me', aRegister('me', recordOf('east', 3), { participant: 'ana' }))
  for (let n = 4; n < 40; n += 1) decide(n % 2 === 0 ? 'west' : 'east', n)
  expect(core.decided.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 20 }, (_, index) => 20 + index))
  expect(core.decided.at(-1)).toMatchObject({ provider: 'east', committee: ['ana'] })
})
