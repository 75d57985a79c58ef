/** Own presence over the signaling servers: at once at the first change, then at a bounded pace. */
import type * as AwarenessProtocol from 'y-protocols/awareness'
import type { Clock } from '../clock.js'
import { toBase64 } from './base64.js'

/** What {@link relayPresence} needs. */
export interface PresenceRelayOptions {
  readonly awareness: AwarenessProtocol.Awareness
  readonly protocol: typeof AwarenessProtocol
  readonly clock: Clock
  /** Whether data channels link everybody with everybody: then no change is in a hurry here. Default: never. */
  readonly isWhole?: () => boolean
  /** Takes an encoded awareness update. */
  readonly send: (state: string) => void
}

/** Starts; `flush` sends without waiting for the pace. */
export function relayPresence(options: PresenceRelayOptions): { flush(): void; close(): void } {
  const { awareness, protocol, clock } = options
  let isWaiting = false
  let isDirty = false
  const flush = (): void => {
    isDirty = false
    options.send(toBase64(protocol.encodeAwarenessUpdate(awareness, [awareness.clientID])))
  }
  const pace = (): void => {
    isWaiting = true
    clock.after(PRESENCE_EVERY_MS, () => {
      isWaiting = false
      if (!isDirty) return
      flush()
      pace()
    })
  }
  const onUpdate = (_change: unknown, origin: unknown): void => {
    if (origin !== 'local') return
    isDirty = true
    if (isWaiting) return
    if (!options.isWhole?.()) flush()
    pace()
  }
  awareness.on('update', onUpdate)
  return { flush, close: () => awareness.off('update', onUpdate) }
}

/** Five a second are quicker than people notice and keep the server's fan-out small. */
const PRESENCE_EVERY_MS = 200
