/** The top of every screen: name, room, status, and what carries the call. */
import { useProvider } from 'holdfast/react'
import type { ReactElement, ReactNode } from 'react'
import { Icon } from './icons.js'
import { StatusPill } from './status-pill.js'

/** The name of the product. */
export function Brand(): ReactElement {
  return (
    <span className="brand">
      <Icon name="anchor" />
      Holdfast
    </span>
  )
}

/** The header of a running call. */
export function CallHeader({
  room,
  children,
}: {
  readonly room: string
  readonly children?: ReactNode
}): ReactElement {
  return (
    <header className="header">
      <h1 className="header-title">
        <Brand />
        <span className="room">{room}</span>
      </h1>
      <StatusPill />
      <div className="header-end">
        <ProviderChip />
        {children}
      </div>
    </header>
  )
}

/** Provider and epoch in two words. */
export function ProviderChip(): ReactElement {
  const { provider, epoch } = useProvider()
  return (
    <span className="chip">
      <span className="chip-strong">{provider ?? 'no provider'}</span>
      {epoch !== null && <span>{`epoch ${epoch}`}</span>}
    </span>
  )
}
