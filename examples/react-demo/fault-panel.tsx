/** Buttons that break this tab's own side of the call, one for each type of incident; shown with `?faults=1`. */
import type { Fault, FaultKind, Faults } from 'holdfast/testing'
import { createContext, type ReactElement, useContext, useState } from 'react'

/** The faults of this page; null where nobody asked for them. */
export const FaultsContext = createContext<Faults | null>(null)

/** What each button says; the order is that of the panel. */
const WORDS: Readonly<Record<FaultKind, string>> = {
  'frame-corruption': 'Damage frames',
  'codec-failure': 'Break a decoder',
  'sync-loss': 'Delay a picture',
  'buffer-overflow': 'Fill a buffer',
  'packet-loss': 'Lose packets',
  timeout: 'Stop sending',
  'quality-degradation': 'Starve the encoder',
  'resource-exhaustion': 'Burn the processor',
  'device-failure': 'Pull out a device',
  'auth-failure': 'Spend the token',
  'provider-outage': 'Lose the server',
  'network-disconnect': 'Lose the network',
  'stale-peer': 'Fall silent',
  'control-plane-loss': 'Lose the document',
}
/** Long enough to be seen; what is broken for good waits for a repair. */
const LASTS_MS = 8_000
const FOR_GOOD: ReadonlySet<FaultKind> = new Set([
  'frame-corruption',
  'codec-failure',
  'sync-loss',
  'buffer-overflow',
  'device-failure',
])

/** The panel's content. */
export function FaultPanel(): ReactElement | null {
  const faults = useContext(FaultsContext)
  const [note, setNote] = useState('Breaks this tab only; the others see what comes of it.')
  if (faults === null) return null
  const cause = (kind: FaultKind): void => {
    const lastsMs = FOR_GOOD.has(kind) ? null : LASTS_MS
    faults.inject(kind, { lastsMs }).then(
      (fault) => setNote(sayOf(kind, fault)),
      () => setNote(`${WORDS[kind]}: could not be done here.`),
    )
  }
  return (
    <>
      <p className="row-note" role="status">
        {note}
      </p>
      <span className="buttons faults">
        {(Object.keys(WORDS) as FaultKind[]).map((kind) => (
          <button key={kind} type="button" className="button" onClick={() => cause(kind)} title={kind}>
            {WORDS[kind]}
          </button>
        ))}
        <button type="button" className="button button-lit" onClick={() => void faults.heal()}>
          Heal all
        </button>
      </span>
    </>
  )
}

function sayOf(kind: FaultKind, fault: Fault | null): string {
  if (fault === null) return `${WORDS[kind]}: there is nothing to break now.`
  const how = fault.lastsMs === null ? 'until it is repaired' : `for ${fault.lastsMs / 1_000} seconds`
  return `${WORDS[kind]}: ${how}.`
}
