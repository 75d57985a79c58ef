import { describe, expect, it } from 'vitest'
import { expectedMedia } from '../../../src/call/expected.js'
import { type OwnTrouble, writeWord } from '../../../src/health/word.js'
import { participantOf } from '../../support/fake-core.js'

const publishing = ['camera', 'microphone', 'screen'] as const

const waitedFor = (word?: string): unknown => {
  const bob = participantOf('bob', { publishing, ...(word === undefined ? {} : { word }) })
  return expectedMedia([bob, participantOf('mute', { publishing: [] })]).get('bob')
}
const saying = (...troubles: readonly OwnTrouble[]): unknown => waitedFor(writeWord({ troubles, senders: [] }))

describe('what is waited for of a participant', () => {
  it('is everything that is published, also of somebody who says nothing of their health', () => {
    expect(waitedFor()).toEqual(publishing)
    expect(saying('cpu', 'device', 'uplink', 'browser', 'network')).toEqual(publishing)
  })

  it('P03 is not what comes from a device that their own page calls dead', () => {
    expect(saying('device', 'camera')).toEqual(['microphone', 'screen'])
    expect(saying('device', 'camera', 'microphone')).toEqual(['screen'])
  })

  it('is nothing of somebody who has nothing that could send', () => {
    const bob = participantOf('bob', { publishing: ['camera'], word: '1:dk:' })
    expect(expectedMedia([bob, participantOf('mute', { publishing: [] })]).size).toBe(0)
  })

  it('is everything where a stranger writes nonsense', () => {
    expect(waitedFor('2:k:')).toEqual(publishing)
  })
})
