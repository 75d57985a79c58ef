import { describe, expect, it } from 'vitest'
import { alertText } from '../../../src/call/alert-text.js'
import { ALERT_KINDS, type Alert, type AlertKind, type Subject } from '../../../src/health/alert.js'

function textOf(kind: AlertKind, about: Subject): string {
  const alert: Alert = {
    ...{ id: 1, kind, about, severity: 'medium', sinceMs: 0, value: 1, unit: 'ms', evidence: [], cause: null },
    blame: { culprit: 'nobody', participant: null, confidence: 1, evidence: [] },
  }
  return alertText(alert, () => 'Bo')
}

const MEDIA = ['audio', 'video', null] as const
const from = (media: Subject['media']): Subject => ({ type: 'peer', id: 'bo', media })
const own = (media: Subject['media']): Subject => ({ type: 'me', id: '', media })

describe('what an alert says', () => {
  it('is one sentence for every kind and medium', () => {
    for (const kind of ALERT_KINDS)
      for (const media of MEDIA) expect(textOf(kind, from(media)), kind).toMatch(/^[A-Z].*\S\.$/)
  })

  it.each([
    ['packet-loss', 'Parts of the sound of Bo get lost.', 'Parts of the picture of Bo get lost.'],
    ['one-way-media', 'No sound arrives from Bo.', 'No picture arrives from Bo.'],
    ['buffer-overflow', 'The sound of Bo arrives late.', 'The picture of Bo arrives late.'],
    ['jitter', 'The sound of Bo arrives unevenly.', 'The picture of Bo arrives unevenly.'],
  ] as const)('of %s sound and picture are two things', (kind, sound, picture) => {
    expect(textOf(kind, from('audio'))).toBe(sound)
    expect(textOf(kind, from('video'))).toBe(picture)
    expect(textOf(kind, from(null))).toContain('Bo')
  })

  it('names the own media as yours', () => {
    expect(textOf('packet-loss', own('audio'))).toBe('Parts of your sound get lost.')
    expect(textOf('one-way-media', own('video'))).toBe('Your picture does not arrive.')
    expect(textOf('one-way-media', own(null))).toBe('What you send does not arrive.')
  })
})
