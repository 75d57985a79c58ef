import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clean, cut } from '../../../src/history/sanitise.js'
import { toStored } from '../../../src/history/stored-attempt.js'
import { toEvent, toExplanation } from '../../../src/history/stored-rows.js'
import { explanationOf } from '../../support/archive-rows.js'
import { attemptOf } from '../../support/history-checks.js'

/** What somebody might smuggle in, and the part of it that must not come through. */
const CONTRABAND: Readonly<Record<string, readonly [text: string, secret: string]>> = {
  'a JWT': ['refused eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl today', 'eyJ'],
  'a short JWT': ['token eyJh.eyJz.c2ln4567890abcd', 'c2ln4567890abcd'],
  'a bearer header': ['sent Authorization: Bearer abc.def', 'abc.def'],
  'a short token by name': ['got token=hunter2 back', 'hunter2'],
  'a password in JSON': ['{"password":"opensesame"}', 'opensesame'],
  'a session description': ['answer v=0 o=- 4611731400430051336 2 IN IP4 127.0.0.1 s=- t=0 0', '46117314'],
  'an ICE password': ['a=ice-pwd:asd88fgpdd777uzjYhagZg was wrong', 'asd88fgpdd777uzjYhagZg'],
  'a ufrag': ['ufrag: 8hhY', '8hhY'],
  'a fingerprint': ['a=fingerprint:sha-256 19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04', '19:E2'],
  'a candidate': ['candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx', '203.0.113'],
  'an IPv4 address': ['ICE failed towards 192.0.2.7:5000', '192.0.2.7'],
  'an IPv6 address': ['towards 2001:db8::8a2e:370:7334 failed', '8a2e'],
  'a short IPv6 address': ['towards [fe80::1%eth0]:443 failed', 'fe80'],
  'a MAC address': ['card 00:1B:44:11:3A:B7', '1B:44'],
  'an mDNS name': ['host 1f9c3c32-8c3f-4e5a-a9b1-7d1e3f5a2b4c.local', '1f9c3c32'],
  'a TURN address': ['turn:relay.example.org:3478 refused', 'relay.example'],
  'a URL with a key': ['GET https://east.example.org/room?key=abc failed', 'example.org'],
  'an e-mail address': ['asked by ana.lima@example.org', 'ana.lima'],
  'a telephone number': ['call me at +351 912 345 678', '912 345'],
  'an API key': ['key sk4f9a8b7c6d5e4f3a2b', 'sk4f9a8b'],
  'a name': ['Ana Lima asked for it', 'Ana Lima'],
  'a name in two lines': ['because\nAna Lima\nasked', 'Ana'],
}
const NAMES = ['Ana Lima', 'Bob']

describe('what is kept', () => {
  for (const [what, [text, secret]] of Object.entries(CONTRABAND))
    it(`P48 holds no ${what.replace(/^an? /, '')}, by whichever text it comes`, () => {
      expect(text).toContain(secret)
      const rows = [
        clean(text, 500, NAMES),
        toStored(attemptOf({ reason: text, incident: text, strategy: text }), NAMES),
        toExplanation(explanationOf({ summary: text, cause: text, userAction: text }), NAMES),
        toEvent({ room: 'r', kind: 'x', participant: null, facts: { text } }, NAMES),
      ]
      // Attempts' incidents and strategies are words of our own, where names of people do not occur.
      if (what.startsWith('a name')) rows[1] = toStored(attemptOf({ reason: text }), NAMES)
      expect(JSON.stringify(rows)).not.toContain(secret)
    })

  it('P48 keeps plain words, provider ids and numbers as they are', () => {
    for (const text of [
      'east failed: its connection closed without a goodbye and it no longer answers.',
      'The path from here to janus-eu-2 broke: not a single packet arrives from it.',
      'agreed by the participants',
      'Switched after 4000 ms, gap 310 ms, 3 of 5',
    ])
      expect(clean(text, 500)).toBe(text)
  })

  it('is bounded, one line, and well-formed whatever comes in', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 600 }),
        fc.integer({ min: 1, max: 200 }),
        (text, max) => {
          const cleaned = clean(text, max, NAMES)
          expect(cleaned.length).toBeLessThanOrEqual(max)
          expect(cleaned).not.toMatch(/[\n\r\t]/)
          expect(cut(text, max).length).toBeLessThanOrEqual(max)
        },
      ),
    )
  })

  it('takes no time worth mentioning for texts made to be slow', () => {
    const begin = performance.now()
    for (const text of [
      '1:'.repeat(5000),
      'a'.repeat(10_000),
      '@'.repeat(10_000),
      '1 '.repeat(5000),
      'a-'.repeat(5000),
    ])
      clean(text, 200)
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})
