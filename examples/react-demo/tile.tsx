/** Video tiles. The element gets its stream once; no switch ever touches it again. */
import type { PeerSnapshot } from 'holdfast'
import { useMe, useVideo } from 'holdfast/react'
import type { ReactElement } from 'react'
import { HealthBadge } from './health-badge.js'
import { Icon } from './icons.js'
import type { OwnMedia } from './synthetic-camera.js'

/** Somebody else. */
export function PeerTile({
  peer,
  isQuiet,
  isSmall = false,
}: {
  readonly peer: PeerSnapshot
  readonly isQuiet: boolean
  readonly isSmall?: boolean
}): ReactElement {
  const bind = useVideo(peer.stream)
  const hasPicture = peer.publishing.includes('camera') && !peer.muted.includes('camera')
  return (
    <li
      className={`tile ${hasPicture ? '' : 'tile-dark'} ${peer.state === 'away' ? 'tile-away' : ''}`}
      data-peer={peer.id}
    >
      <video ref={bind} autoPlay playsInline muted={isQuiet} aria-label={`Video of ${peer.name}`} />
      {!hasPicture && <Initial name={peer.name} />}
      {peer.provider !== null && <span className="via">via {peer.provider}</span>}
      <NamePlate name={peer.name} isMuted={peer.muted.includes('microphone')}>
        <HealthBadge peer={peer} isCompact={isSmall} />
      </NamePlate>
    </li>
  )
}

/** Ourselves. */
export function OwnTile({ media }: { readonly media: OwnMedia }): ReactElement {
  const me = useMe()
  const bind = useVideo(media.stream)
  const isDark = me.muted.includes('camera')
  return (
    <li className={`tile tile-own ${isDark ? 'tile-dark' : ''}`}>
      <video
        ref={bind}
        className={media.isSynthetic ? '' : 'is-mirrored'}
        autoPlay
        playsInline
        muted
        aria-label="Your own video"
      />
      {isDark && <Initial name={me.name} />}
      <NamePlate name={`${me.name} (you)`} isMuted={me.muted.includes('microphone')} />
    </li>
  )
}

function NamePlate({
  name,
  isMuted,
  children,
}: {
  readonly name: string
  readonly isMuted: boolean
  readonly children?: ReactElement
}): ReactElement {
  return (
    <div className="plate">
      <span className="plate-name">
        <span className={isMuted ? 'mic mic-off' : 'mic'}>
          <Icon name={isMuted ? 'microphone-off' : 'microphone'} />
          <span className="unseen">{isMuted ? 'Muted: ' : ''}</span>
        </span>
        <span className="name">{name}</span>
      </span>
      {children}
    </div>
  )
}

function Initial({ name }: { readonly name: string }): ReactElement {
  return (
    <span className="initial" aria-hidden="true">
      {(name.trim()[0] ?? '?').toUpperCase()}
    </span>
  )
}
