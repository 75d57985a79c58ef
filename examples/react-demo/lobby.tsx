/** Before the call: who, where, and how one looks. */
import { useVideo } from 'holdfast/react'
import { type FormEvent, type ReactElement, useState } from 'react'
import { Brand } from './header.js'
import type { OwnMedia } from './synthetic-camera.js'

/** Who joins where. */
export interface JoinWish {
  readonly name: string
  readonly room: string
}

/** Props of {@link Lobby}. */
export interface LobbyProps {
  readonly initial: JoinWish
  readonly media: OwnMedia | null
  /** Said above the form: why the last try failed, or that the call was left. */
  readonly notice: { readonly text: string; readonly isTrouble: boolean } | null
  readonly onName: (name: string) => void
  readonly onJoin: (wish: JoinWish) => void
}

/** Names and rooms are shown in tiles and travel to everybody. */
const NAME_MAX_LENGTH = 40

/** The lobby. */
export function Lobby({ initial, media, notice, onName, onJoin }: LobbyProps): ReactElement {
  const [name, setName] = useState(initial.name)
  const [room, setRoom] = useState(initial.room)
  const bind = useVideo(media?.stream ?? null)
  const join = (event: FormEvent): void => {
    event.preventDefault()
    onJoin({ name: name.trim(), room: room.trim() })
  }
  return (
    <div className="lobby">
      <header>
        <Brand />
      </header>
      <main className="lobby-main">
        <div className="preview">
          <video
            ref={bind}
            className={media?.isSynthetic === false ? 'is-mirrored' : ''}
            autoPlay
            playsInline
            muted
            aria-label="Preview of your camera"
          />
          <p className="preview-note">
            {media === null
              ? 'Opening your camera…'
              : media.isSynthetic
                ? 'Drawn camera and a quiet tone'
                : 'Your camera'}
          </p>
        </div>
        <form className="form" onSubmit={join}>
          <h1>Join the call</h1>
          <p className="lead">It goes on when its provider fails: everybody moves to the next one together.</p>
          {notice !== null && (
            <p role={notice.isTrouble ? 'alert' : 'status'} className={notice.isTrouble ? 'trouble' : 'notice'}>
              {notice.text}
            </p>
          )}
          <label htmlFor="name">Your name</label>
          <input
            id="name"
            value={name}
            required
            maxLength={NAME_MAX_LENGTH}
            autoComplete="nickname"
            onChange={(event) => {
              setName(event.target.value)
              onName(event.target.value)
            }}
          />
          <label htmlFor="room">Room</label>
          <input
            id="room"
            value={room}
            required
            maxLength={NAME_MAX_LENGTH}
            autoComplete="off"
            onChange={(event) => setRoom(event.target.value)}
          />
          <button type="submit" className="button button-primary" disabled={media === null}>
            Join
          </button>
        </form>
      </main>
    </div>
  )
}
