/** Devices and senders of this page: what got them going is what gets them going. */
import { describe, expect, it } from 'vitest'
import { anIncident, anOption, rig } from './support.js'

describe('media of our own that stops again', () => {
  it('is got going as the last time, however soon that was, and a person is asked only after what failed', () => {
    for (const kind of ['device-failure', 'timeout'] as const) {
      const acting = anOption({ strategy: 'reacquire-device', timeoutMs: 8_000 })
      const asking = anOption({ strategy: 'ask-user', reach: 'none', timeoutMs: 60_000 })
      const { give, pass, end, runs } = rig([acting, asking])
      const about = { type: 'me', id: '', media: 'video' } as const
      for (const id of ['i1', 'i2', 'i3']) {
        give({ type: 'raised', incident: anIncident({ id, kind, about }) })
        end('succeeded')
        pass(1_500)
        give({ type: 'cleared', incidentId: id })
        pass(7_000)
      }
      expect(runs()).toEqual(['reacquire-device', 'reacquire-device', 'reacquire-device'])
      give({ type: 'raised', incident: anIncident({ id: 'i4', kind, about }) })
      end('failed')
      expect(runs().slice(3)).toEqual(['reacquire-device', 'ask-user'])
    }
  })
})
