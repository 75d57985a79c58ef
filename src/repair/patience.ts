/** Strategies that act on no media: build the control plane anew, wait, ask a person. The incident's end proves them. */

import type { TrackSource } from '../providers/provider.js'
import type { IncidentKind } from '../recovery/incident.js'
import { DONE, type Hand } from './hand.js'
import type { UserRequest } from './world.js'

/** What a person or the app can do about an incident that nothing here repairs. */
const NEED_OF: Readonly<Partial<Record<IncidentKind, UserRequest['need']>>> = {
  'device-failure': 'device',
  'auth-failure': 'token',
  'resource-exhaustion': 'load',
}
const SOURCE_OF: Readonly<Record<'audio' | 'video', TrackSource>> = { audio: 'microphone', video: 'camera' }

/** Has every link of the document show that it lives, and dials what is closed. */
export const rebuildControlPlane: Hand = {
  async act({ world }) {
    world.rebuildLinks()
    return DONE
  },
}

/** Nothing; the network or the other side may come back by itself. */
export const wait: Hand = { act: async () => DONE }

/** Says what only a person can do, once. */
export const askUser: Hand = {
  async act({ world, target }) {
    const { incidentId, kind, provider, media } = target
    const source = kind === 'device-failure' && media !== null ? SOURCE_OF[media] : null
    world.askUser({ incidentId, provider, source, need: NEED_OF[kind] ?? 'network' })
    return DONE
  },
}
