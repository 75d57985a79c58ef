/** How everybody is received, in words, and what is wrong now with whose fault it is. */
import type { Alert, CallSnapshot } from 'holdfast'
import { useCallSelector, useHealth, usePeers } from 'holdfast/react'
import type { ReactElement } from 'react'
import { HealthBadge } from './health-badge.js'
import { Icon } from './icons.js'

const CULPRIT_WORDS: Readonly<Record<string, string>> = {
  'my-network': 'Your network.',
  'my-device': 'Your device.',
  'my-cpu': 'This machine is busy.',
  sender: 'On the sender’s side.',
  receiver: 'On the receiver’s side.',
  provider: 'The provider.',
  path: 'The way between.',
  browser: 'The browser.',
  app: 'This page.',
}
/** More at once is one trouble with many faces; the gravest come first. */
const SHOWN_MAX = 5
const GRAVEST_FIRST = ['critical', 'high', 'medium', 'low']

/** The section's content. */
export function HealthPanel(): ReactElement {
  const peers = usePeers()
  const { alerts, isReduced } = useHealth()
  const nameOf = useNames()
  const shown = [...alerts]
    .sort((one, other) => GRAVEST_FIRST.indexOf(one.severity) - GRAVEST_FIRST.indexOf(other.severity))
    .slice(0, SHOWN_MAX)
  return (
    <>
      {peers.length === 0 ? (
        <p className="hint">Nobody else is here yet.</p>
      ) : (
        <ul className="rows" aria-label="How the others are received">
          {peers.map((peer) => (
            <li key={peer.id} className="row">
              <span className="row-name">
                <strong>{peer.name}</strong>
              </span>
              <HealthBadge peer={peer} />
            </li>
          ))}
        </ul>
      )}
      {isReduced ? (
        <p className="hint">Detectors are not running.</p>
      ) : shown.length === 0 ? (
        <p className="hint">No trouble now.</p>
      ) : (
        <ul className="alerts" aria-label="Trouble now">
          {shown.map((alert) => (
            <li key={alert.id} className={`alert alert-${alert.severity}`}>
              <Icon name="alert" />
              <span className="row-name">
                <span>{wordsOf(alert, nameOf)}</span>
                <span className="row-note">{[alert.severity, whoseFault(alert, nameOf)].join(' · ')}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function useNames(): (id: string) => string {
  const names = useCallSelector(selectNames)
  return (id) => names[id] ?? 'somebody who left'
}

const selectNames = ({ me, peers }: CallSnapshot): Readonly<Record<string, string>> =>
  Object.fromEntries([[me.id, 'You'], ...peers.map(({ id, name }) => [id, name])])

/** The kind as it is documented, and whom it is about: `Packet loss, Ben`. */
function wordsOf({ kind, about }: Alert, nameOf: (id: string) => string): string {
  const [first = '', ...rest] = kind.replaceAll('-', ' ')
  const who = about.type === 'me' ? 'you' : about.type === 'peer' ? nameOf(about.id) : about.id
  return `${first.toUpperCase()}${rest.join('')}, ${who}`
}

function whoseFault({ blame }: Alert, nameOf: (id: string) => string): string {
  if (blame.participant !== null) return `${nameOf(blame.participant)}.`
  return CULPRIT_WORDS[blame.culprit] ?? 'Nobody’s fault.'
}
