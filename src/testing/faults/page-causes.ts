/** Faults of what surrounds media: providers, tokens, the network, the shared document, the processor. */
import type { Carrier, Refusal } from './carrier.js'
import type { Cause, FaultTarget, Undo } from './fault.js'
import type { Silence, Wires } from './wires.js'

/** Of each slice of the page's time this much is burned; frames and heartbeats come late, none is lost for ever. */
const BUSY_MS = 600
const SLICE_MS = 650

/** Makes them. */
export function createPageCauses(
  carrier: Carrier,
  wires: Wires,
): {
  readonly 'network-disconnect': Cause
  readonly 'auth-failure': Cause
  readonly 'resource-exhaustion': Cause
  readonly 'provider-outage': Cause
  readonly 'stale-peer': Cause
  readonly 'control-plane-loss': Cause
} {
  const silent =
    (silence: Silence): Cause =>
    () => {
      wires.silence = silence
      carrier.isDataLost = true
      return () => {
        wires.silence = 'none'
        carrier.isDataLost = false
      }
    }
  return {
    'network-disconnect'(target) {
      const undo = silent('all')(target)
      wires.cutMedia()
      return undo
    },
    'auth-failure': (target) => refuse(carrier, target, 'auth', 'token-expired'),
    'provider-outage': (target) => refuse(carrier, target, 'server', 'server'),
    'resource-exhaustion': burn,
    // To the others a page that says nothing is a page that has gone.
    'stale-peer': silent('control'),
    'control-plane-loss': silent('control'),
  }
}

/** The provider ends what is there and refuses what comes; as this page sees it, the others are left alone. */
function refuse(
  carrier: Carrier,
  target: FaultTarget,
  refusal: Refusal,
  reason: 'token-expired' | 'server',
): Undo | null {
  const provider = target.provider ?? carrier.busiest()
  if (provider === null) return null
  carrier.refuse(provider, refusal)
  carrier.end(provider, reason)
  return () => carrier.refuse(provider, null)
}

function burn(): Undo {
  const timer = setInterval(() => {
    const until = performance.now() + BUSY_MS
    while (performance.now() < until);
  }, SLICE_MS)
  return () => clearInterval(timer)
}
