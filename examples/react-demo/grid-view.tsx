/** `?grid=4`: several participants in one page, each with a call of its own, under one set of levers. */
import { CallProvider, useCallState, useMe } from 'holdfast/react'
import type { ReactElement } from 'react'
import { VideoGrid } from './call-view.js'
import { CallControls } from './controls.js'
import { CallHeader, ProviderChip } from './header.js'
import type { NetworkCut } from './network-cut.js'
import type { Session } from './session.js'
import { SidePanel } from './side-panel.js'
import { StatusPill } from './status-pill.js'

/** Props of {@link GridView}. */
export interface GridViewProps {
  /** At least one; header and panel show the first. */
  readonly sessions: readonly [Session, ...Session[]]
  readonly control: string | null
  readonly network: NetworkCut
  readonly onLeave: (session: Session) => void
}

/** All participants of this page. */
export function GridView({ sessions, control, network, onLeave }: GridViewProps): ReactElement {
  const [first] = sessions
  return (
    <CallProvider call={first.call}>
      <div className="call call-cards">
        <CallHeader room={first.call.getSnapshot().room} />
        <main className="stage">
          <ul className="cards" aria-label="Participants of this page">
            {sessions.map((session) => (
              <CallProvider key={session.id} call={session.call}>
                <Card session={session} onLeave={() => onLeave(session)} />
              </CallProvider>
            ))}
          </ul>
        </main>
        <SidePanel control={control} network={network} />
      </div>
    </CallProvider>
  )
}

function Card({ session, onLeave }: { readonly session: Session; readonly onLeave: () => void }): ReactElement {
  const { name } = useMe()
  const { state } = useCallState()
  const hasLeft = state === 'left' || state === 'failed'
  return (
    <li className={hasLeft ? 'card card-left' : 'card'} data-participant={session.id}>
      <div className="card-head">
        <h2>{name}</h2>
        <ProviderChip />
      </div>
      <VideoGrid media={session.media} isQuiet isSmall />
      <div className="card-foot">
        <StatusPill isAnnounced={false} />
        {!hasLeft && <CallControls onLeave={onLeave} isSmall />}
      </div>
    </li>
  )
}
