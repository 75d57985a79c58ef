import { describe, expect, it } from 'vitest'
import { CALL_STATES, createCallState, nextState, validateTransition } from '../../../src/call/state.js'
import type { HoldfastError } from '../../../src/errors.js'

describe('call state', () => {
  it('P19 validateTransition answers for every pair of states with a reason when it is not allowed', () => {
    for (const from of CALL_STATES)
      for (const to of CALL_STATES) {
        const check = validateTransition(from, to)
        expect(check.reason === '').toBe(check.valid)
      }
    expect(validateTransition('left', 'live')).toEqual({
      valid: false,
      reason: 'A call that is left cannot become live: nothing follows it.',
    })
  })

  it('P19 nothing leads out of left, so a recovery can never rejoin somebody who left', () => {
    for (const to of CALL_STATES) expect(validateTransition('left', to).valid).toBe(false)
    expect(CALL_STATES.filter((to) => validateTransition('leaving', to).valid)).toEqual(['left'])
  })

  it('every state but idle can be reached', () => {
    for (const to of CALL_STATES.filter((state) => state !== 'idle'))
      expect(CALL_STATES.some((from) => validateTransition(from, to).valid)).toBe(true)
  })

  const holder = (isDevelopment: boolean) => {
    const changes: string[] = []
    const illegal: HoldfastError[] = []
    const state = createCallState({
      isDevelopment,
      onChange: (from, to) => changes.push(`${from}>${to}`),
      onIllegal: (error) => illegal.push(error),
    })
    return { state, changes, illegal }
  }

  it('P19 an illegal transition throws in development', () => {
    const { state, changes } = holder(true)
    expect(() => state.enter('live')).toThrowError(expect.objectContaining({ code: 'invalid-transition' }))
    expect(changes).toEqual([])
  })

  it('P19 an illegal transition is reported and not made in production', () => {
    const { state, illegal } = holder(false)
    expect(state.enter('switching')).toBe(false)
    expect(state.current).toBe('idle')
    expect(illegal.map((error) => error.details)).toEqual([{ from: 'idle', to: 'switching' }])
  })

  it('entering the present state again is no transition', () => {
    const { state, changes } = holder(true)
    state.enter('joining')
    expect(state.enter('joining')).toBe(false)
    expect(changes).toEqual(['idle>joining'])
  })

  it('P19 whatever the facts, the next state may follow the present one', () => {
    const flags = [true, false]
    for (const current of CALL_STATES)
      for (const hasJoined of flags)
        for (const isConnected of flags)
          for (const isRepairing of flags)
            for (const isProviderDead of flags)
              for (const isSwitching of flags)
                for (const next of ['west', null]) {
                  // The present reading says "joined" for good once it said so.
                  if (!hasJoined && current !== 'joining') continue
                  const to = nextState(current, {
                    hasJoined,
                    isConnected,
                    isRepairing,
                    isProviderDead,
                    isSwitching,
                    next,
                  })
                  expect(to === current || validateTransition(current, to).valid, `${current} > ${to}`).toBe(
                    true,
                  )
                }
  })
})
