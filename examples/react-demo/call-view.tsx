/** A call of one participant: everybody's video, what is behind it, and the controls. */
import { CallProvider, useCallSelector, usePeers } from 'holdfast/react'
import type { ReactElement } from 'react'
import { CallControls } from './controls.js'
import { CallHeader } from './header.js'
import type { NetworkCut } from './network-cut.js'
import type { Session } from './session.js'
import { SidePanel } from './side-panel.js'
import type { OwnMedia } from './synthetic-camera.js'
import { OwnTile, PeerTile } from './tile.js'

/** Props of {@link CallView}. */
export interface CallViewProps {
  readonly session: Session
  readonly control: string | null
  readonly network: NetworkCut
  readonly isQuiet: boolean
  readonly onLeave: () => void
}

/** The whole screen of a call. */
export function CallView({ session, control, network, isQuiet, onLeave }: CallViewProps): ReactElement {
  return (
    <CallProvider call={session.call}>
      <div className="call">
        <RoomHeader />
        <main className="stage">
          <VideoGrid media={session.media} isQuiet={isQuiet} />
        </main>
        <SidePanel control={control} network={network} />
        <footer className="footer">
          <CallControls onLeave={onLeave} />
        </footer>
      </div>
    </CallProvider>
  )
}

/** Tiles of everybody, ourselves last. */
export function VideoGrid(props: {
  readonly media: OwnMedia
  readonly isQuiet: boolean
  readonly isSmall?: boolean
}): ReactElement {
  const peers = usePeers()
  const { media, isQuiet, isSmall = false } = props
  return (
    <ul
      className={isSmall ? 'grid grid-small' : 'grid grid-large'}
      data-count={Math.min(peers.length + 1, 9)}
      aria-label="Participants"
    >
      {peers.map((peer) => (
        <PeerTile key={peer.id} peer={peer} isQuiet={isQuiet} isSmall={isSmall} />
      ))}
      <OwnTile media={media} />
    </ul>
  )
}

function RoomHeader(): ReactElement {
  const room = useCallSelector((snapshot) => snapshot.room)
  return <CallHeader room={room} />
}
