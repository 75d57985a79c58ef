import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_WORD, readWord, sightOf, WORD_MAX_CHARS, type Word, writeWord } from '../../../src/health/word.js'

describe('the word of health', () => {
  it('says the same to whom it is told', () => {
    const word: Word = {
      troubles: ['cpu', 'uplink'],
      senders: [
        { participant: 'ana', sight: 'frozen' },
        { participant: 'bob', sight: 'good' },
      ],
    }
    const heard = readWord(writeWord(word), ['ana', 'bob', 'cleo'])
    expect(heard).toEqual(word)
    expect([sightOf(heard, 'ana'), sightOf(heard, 'cleo')]).toEqual(['frozen', null])
  })

  it('never takes more than 200 bytes, and says the bad first', () => {
    const senders = Array.from({ length: 60 }, (_, index) => ({
      participant: `participant-${index}`,
      sight: index === 59 ? ('lossy' as const) : ('good' as const),
    }))
    const text = writeWord({ troubles: ['network'], senders })
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(WORD_MAX_CHARS)
    expect(sightOf(readWord(text, ['participant-59']), 'participant-59')).toBe('lossy')
  })

  it('is never anything else than a word, whatever a participant writes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        const word = readWord(text, ['ana'])
        expect(word.senders.every(({ participant }) => participant === 'ana')).toBe(true)
        expect(word.troubles.length).toBeLessThanOrEqual(5)
      }),
    )
    expect(readWord('2:c:', ['ana'])).toEqual(NO_WORD)
  })
})
