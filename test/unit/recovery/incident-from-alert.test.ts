import { describe, expect, it } from 'vitest'
import { ALERT_KINDS, type Alert, type AlertKind, type Culprit } from '../../../src/health/alert.js'
import { hashOf, signatureOf } from '../../../src/recovery/context.js'
import { createIncidentBook } from '../../../src/recovery/incident-book.js'
import { incidentFromAlert } from '../../../src/recovery/incident-from-alert.js'
import { REPAIRED_KINDS } from '../../../src/recovery/incident-kinds.js'

const alert = (kind: AlertKind, facts: Partial<Alert> = {}, culprit: Culprit = 'path'): Alert => ({
  id: 1,
  kind,
  about: { type: 'peer', id: 'bob', media: 'video' },
  severity: 'high',
  sinceMs: 5,
  value: 120,
  unit: 'ms',
  evidence: [],
  cause: null,
  blame: { culprit, participant: null, confidence: 0.6, evidence: [] },
  ...facts,
})

describe('incidents from alerts', () => {
  it('P54 cover every kind that a detector can see; the last one comes from the links of the document', () => {
    const causes = ['network-stall', 'decoder-stall'] as const
    const kinds = ALERT_KINDS.flatMap((kind) =>
      causes.map((cause) => incidentFromAlert(alert(kind, { cause }), 'east')?.kind),
    )
    const seen = new Set([...kinds, 'control-plane-loss'])
    for (const kind of REPAIRED_KINDS) expect(seen).toContain(kind)
  })

  it('leave alone what is by choice or a mere note', () => {
    expect(incidentFromAlert(alert('freeze', { cause: 'paused-sender' }), 'east')).toBeNull()
    for (const kind of ['relay-in-use', 'path-change', 'static-video'] as const)
      expect(incidentFromAlert(alert(kind), 'east')).toBeNull()
  })

  it('never let one person’s trouble reach the whole call', () => {
    for (const kind of ALERT_KINDS) {
      const incident = incidentFromAlert(alert(kind, {}, 'provider'), 'east')
      if (incident === null) continue
      expect(incident.blame === 'provider', kind).toBe(kind === 'provider-outage' || kind === 'provider-hang')
    }
    expect(incidentFromAlert(alert('provider-outage', {}, 'my-network'), 'east')?.blame).toBe('path')
  })

  it('P42 have a signature of kind and culprit, and one name for the same situation everywhere', () => {
    const incident = incidentFromAlert(alert('packet-loss', {}, 'my-network'), 'east')
    if (incident === null) throw new Error('no incident')
    expect(signatureOf(incident)).toBe('packet-loss/my-network')
    const context = 'browser=chromium;network=wifi;provider=whip;stage=first'
    expect(hashOf(signatureOf(incident), context)).toBe(hashOf('packet-loss/my-network', context))
    expect(hashOf('packet-loss/path', context)).not.toBe(hashOf('packet-loss/my-network', context))
  })
})

describe('the book of open incidents', () => {
  const sighting = (id: number, kind: AlertKind, facts: Partial<Alert> = {}) => {
    const incident = incidentFromAlert(alert(kind, { id, ...facts }), 'east')
    if (incident === null) throw new Error('no incident')
    return incident
  }

  it('P42 counts one thing once, however many detectors see it', () => {
    const book = createIncidentBook()
    expect(book.see(sighting(1, 'packet-loss'))?.type).toBe('raised')
    expect(book.see(sighting(2, 'jitter', { severity: 'critical' }))?.type).toBe('changed')
    expect(book.open).toHaveLength(1)
    expect(book.open[0]).toMatchObject({ severity: 'critical', alerts: [1, 2] })
    expect(book.lose(1)).toBeNull()
    expect(book.lose(2)?.type).toBe('cleared')
    expect(book.open).toEqual([])
  })

  it('keeps apart what is wrong with different people and different media', () => {
    const book = createIncidentBook()
    book.see(sighting(1, 'packet-loss'))
    book.see(sighting(2, 'packet-loss', { about: { type: 'peer', id: 'cy', media: 'video' } }))
    book.see(sighting(3, 'packet-loss', { about: { type: 'peer', id: 'bob', media: 'audio' } }))
    expect(book.open.map(({ id }) => id)).toEqual(['i1', 'i2', 'i3'])
  })

  it('gets a new id when it comes back', () => {
    const book = createIncidentBook()
    book.see(sighting(1, 'sync-loss'))
    book.lose(1)
    expect(book.see(sighting(2, 'sync-loss'))?.incident.id).toBe('i2')
  })
})
