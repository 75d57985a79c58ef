/** What happened and why, the newest first. */
import type { TimelineEntry } from 'holdfast'
import { useRecovery } from 'holdfast/react'
import type { ReactElement } from 'react'
import { Icon, type IconName } from './icons.js'

const SYMBOLS: Readonly<Record<TimelineEntry['kind'], IconName>> = {
  joined: 'check',
  peer: 'person',
  incident: 'alert',
  decision: 'agree',
  switch: 'switch',
  recovered: 'check',
  warning: 'alert',
  left: 'leave',
}
/** More is in the history; the panel shows what people still remember. */
const SHOWN_MAX = 60

/** The list. */
export function Timeline(): ReactElement {
  const { timeline, state, last, active } = useRecovery()
  const shown = timeline.slice(-SHOWN_MAX).reverse()
  return (
    <>
      <p className="hint">{recoveryText(state, last)}</p>
      {active.length > 0 && (
        <ul className="timeline" aria-label="What is wrong now">
          {active.map(({ id, explanation, incident }) => (
            <li key={id} className="event event-incident">
              <span className="event-symbol">
                <Icon name="alert" />
              </span>
              <div>
                <p className="event-text">{explanation?.problem ?? incident}</p>
                {explanation && <p className="event-why">{`${explanation.summary} ${explanation.why}`}</p>}
                {explanation && explanation.userAction !== 'Nothing.' && (
                  <p className="event-why">You: {explanation.userAction}</p>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      <ol className="timeline" aria-label="What happened">
        {shown.map((entry) => (
          <li key={entry.id} className={`event event-${entry.kind}`}>
            <span className="event-symbol">
              <Icon name={SYMBOLS[entry.kind]} />
            </span>
            <div>
              <p className="event-text">{entry.text}</p>
              {entry.why !== undefined && <p className="event-why">{entry.why}</p>}
            </div>
            <time dateTime={new Date(entry.atMs).toISOString()}>{timeOf(entry.atMs)}</time>
          </li>
        ))}
      </ol>
    </>
  )
}

function recoveryText(state: string, last: ReturnType<typeof useRecovery>['last']): string {
  if (state === 'in-progress') return 'Holdfast is repairing the call.'
  if (!last) return 'Nothing had to be repaired so far.'
  const gap = last.mediaGapMs === null ? '' : ` Longest pause: ${(last.mediaGapMs / 1000).toFixed(2)} s.`
  const way = last.to === null ? '' : ` (${last.from ?? 'nothing'} to ${last.to})`
  return `Last recovery ${last.outcome}${way}.${gap}`
}

function timeOf(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
}
