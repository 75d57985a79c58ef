import { describe, expect, it } from 'vitest'
import { readEntry, writeEntry } from '../../../../src/providers/whip/entry.js'
import { placeAt, whipSettings } from '../../../../src/providers/whip/settings.js'

const settings = whipSettings({ id: 'east', url: 'https://sfu.example/base/' })
const publication = (whep: string) => ({
  publications: [{ whep, session: 's1', sources: ['microphone', 'camera'], active: ['camera'] }],
})

describe('a directory entry of a WHIP publisher', () => {
  it('is read as it was written, with the address shortened to its path', () => {
    const url = placeAt(settings.subscribeUrl, { room: 'my room', peer: 'ada', stream: 'ada.1' })
    const written = writeEntry([{ url, session: 's1', sources: ['camera'], active: [] }], settings)
    expect(JSON.stringify(written)).toContain('"/base/whep/my%20room/ada.1"')
    expect(readEntry(written, settings)).toEqual([{ url, session: 's1', sources: ['camera'], active: [] }])
  })

  it.each([
    'https://evil.example/whep/room/ada',
    'http://sfu.example/whep/room/ada',
    'https://sfu.example:8443/whep',
    'https://user:secret@sfu.example/whep/room/ada',
    '//evil.example/whep',
    'javascript:alert(1)',
    'http://169.254.169.254/latest',
    'https://',
  ])('is not followed to %s', (whep) => {
    expect(readEntry(publication(whep), settings)).toEqual([])
  })

  it('may point to another origin that the app allows', () => {
    const open = whipSettings({
      id: 'east',
      url: 'https://sfu.example',
      allowedOrigins: ['https://edge.example'],
    })
    expect(readEntry(publication('https://edge.example/w'), open)?.[0]?.url.href).toBe('https://edge.example/w')
  })

  it.each([
    [null],
    ['text'],
    [{}],
    [{ publications: 'x' }],
    [{ publications: [{ whep: '', session: 's', sources: ['camera'], active: [] }] }],
    [{ publications: [{ whep: '/w', session: '', sources: ['camera'], active: [] }] }],
    [{ publications: [{ whep: '/w', session: 's', sources: [], active: [] }] }],
    [{ publications: [{ whep: '/w', session: 's', sources: ['hologram'], active: [] }] }],
    [{ publications: [{ whep: `/${'w'.repeat(500)}`, session: 's', sources: ['camera'], active: [] }] }],
    [{ publications: Array(9).fill(publication('/w').publications[0]) }],
  ])('that is malformed is no entry: %j', (value) => {
    expect(readEntry(value, settings)).toBeNull()
  })
})

describe('the options of whip()', () => {
  it('name the field that cannot work', () => {
    expect(() => whipSettings({ id: 'East!', url: 'https://a' })).toThrow(/id must match/)
    expect(() => whipSettings({ id: 'east' })).toThrow(/publishUrl is needed/)
    expect(() => whipSettings({ id: 'east', url: 'ftp://a' })).toThrow(/url must be an absolute address/)
    expect(() => whipSettings({ id: 'east', url: 'https://a', connectTimeoutMs: 0 })).toThrow(
      /connectTimeoutMs/,
    )
  })

  it('default to the routes of holdfast dev, with the events on a WebSocket', () => {
    expect(settings).toMatchObject({
      publishUrl: 'https://sfu.example/base/whip/{room}/{stream}',
      eventsUrl: 'wss://sfu.example/base/events/{room}',
      healthUrl: 'https://sfu.example/base/health',
    })
  })

  it('ask for no events where only templates are given', () => {
    const bare = whipSettings({
      id: 'east',
      publishUrl: 'https://a/{stream}',
      subscribeUrl: 'https://a/{stream}',
    })
    expect(bare).toMatchObject({ eventsUrl: null, healthUrl: null })
  })
})
