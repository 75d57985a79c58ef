/**
 * Own presence on a link of messages: at once at the first change, then at a bounded pace. While everybody is
 * reached otherwise this link only stands by, with every other heartbeat of those whom the others wait for, so that
 * nobody seems dead in the moment when the other ways break.
 */
import type * as AwarenessProtocol from 'y-protocols/awareness'
import type { Clock } from '../clock.js'
import { toBase64 } from './base64.js'
import { pulseIdOf } from './pulse.js'
import type { AwarenessChange } from './y-webrtc-gossip.js'

/** What {@link relayPresence} needs. */
export interface PresenceRelayOptions {
  readonly awareness: AwarenessProtocol.Awareness
  readonly protocol: typeof AwarenessProtocol
  readonly clock: Clock
  /** Whether other links reach everybody: then no change is in a hurry here. Default: never. */
  readonly isWhole?: () => boolean
  /** Whether the others wait for this page, which is why it beats here even while not needed. Default: yes. */
  readonly standsBy?: () => boolean
  /** Takes an encoded awareness update. */
  readonly send: (state: string) => void
}

/** Starts; `flush` sends without waiting for the pace. */
export function relayPresence(options: PresenceRelayOptions): { flush(): void; close(): void } {
  const { awareness, protocol, clock } = options
  const page = awareness.clientID
  const pulse = pulseIdOf(page)
  const dirty = new Set<number>()
  let isWaiting = false
  let pulses = 0
  let said = ''
  const isWhole = (): boolean => options.isWhole?.() ?? false
  const stateNow = (): string => JSON.stringify(awareness.getLocalState())
  const send = (clients: readonly number[]): void => {
    dirty.clear()
    if (clients.includes(page)) said = stateNow()
    options.send(toBase64(protocol.encodeAwarenessUpdate(awareness, [...clients])))
  }
  const pace = (): void => {
    isWaiting = true
    clock.after(PRESENCE_EVERY_MS, () => {
      isWaiting = false
      if (dirty.size === 0) return
      send([...dirty])
      pace()
    })
  }
  const isBeatNeeded = (): boolean => {
    pulses += 1
    return !isWhole() || ((options.standsBy?.() ?? true) && pulses % STAND_BY_BEATS === 0)
  }
  const onUpdate = ({ added, updated, removed }: AwarenessChange, origin: unknown): void => {
    if (origin !== 'local') return
    const changed = [...added, ...updated, ...removed]
    // While others carry it, what was said here once is not repeated: awareness renews each state every 15 s.
    if (changed.includes(page) && !(isWhole() && stateNow() === said)) dirty.add(page)
    if (changed.includes(pulse) && isBeatNeeded()) dirty.add(pulse)
    if (isWaiting || dirty.size === 0) return
    if (!isWhole()) send([...dirty])
    pace()
  }
  awareness.on('update', onUpdate)
  return {
    flush: () => send([page, pulse].filter((client) => awareness.states.has(client) || client === page)),
    close: () => awareness.off('update', onUpdate),
  }
}

/** Five a second are quicker than people notice and keep the server's fan-out small. */
const PRESENCE_EVERY_MS = 200
/** Every two seconds: what the others heard last is then younger than T_dead. */
const STAND_BY_BEATS = 2
