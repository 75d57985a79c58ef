import { afterEach, describe, expect, it } from 'vitest'
import * as protocol from 'y-protocols/awareness'
import { Awareness } from 'y-protocols/awareness'
import * as yjs from 'yjs'
import { relayPresence } from '../../../src/document/presence-relay.js'
import { manualClock } from './manual-clock.js'

const open: Awareness[] = []
afterEach(() => {
  for (const awareness of open.splice(0)) awareness.destroy()
})

function relayed(isWhole: () => boolean) {
  const clock = manualClock()
  const awareness = new Awareness(new yjs.Doc())
  open.push(awareness)
  const sent: string[] = []
  relayPresence({ awareness, protocol, clock, isWhole, send: (state) => sent.push(state) })
  const say = (state: object): number => {
    const before = sent.length
    awareness.setLocalState({ ...state })
    clock.advance(1000)
    return sent.length - before
  }
  return { say, sent }
}

describe('presence over the relay', () => {
  it('is not repeated unchanged while others carry it, and every change is said', () => {
    const { say } = relayed(() => true)
    expect([say({ muted: [] }), say({ muted: [] }), say({ muted: [] })]).toEqual([1, 0, 0])
    expect([say({ muted: ['audio'] }), say({ muted: ['audio'] })]).toEqual([1, 0])
  })

  it('is renewed as long as somebody is not reached by others', () => {
    let isWhole = false
    const { say } = relayed(() => isWhole)
    expect([say({ muted: [] }), say({ muted: [] })]).toEqual([1, 1])
    isWhole = true
    expect(say({ muted: [] })).toBe(0)
    isWhole = false
    expect(say({ muted: [] })).toBe(1)
  })
})
