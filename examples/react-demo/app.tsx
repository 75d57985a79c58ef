/** From the lobby into the call and out again. */
import { type ReactElement, useCallback, useEffect, useRef, useState } from 'react'
import { CallView } from './call-view.js'
import type { DemoConfig, DemoQuery } from './config.js'
import { GridView } from './grid-view.js'
import { type JoinWish, Lobby, type LobbyProps } from './lobby.js'
import type { NetworkCut } from './network-cut.js'
import { hueOfName, openOwnMedia } from './own-media.js'
import { type CallMaker, endSession, joinSession, participantId, type Session } from './session.js'
import { hueOf, type OwnMedia, startSyntheticCamera } from './synthetic-camera.js'

/** Props of {@link App}. */
export interface AppProps {
  readonly config: DemoConfig
  readonly query: DemoQuery
  readonly network: NetworkCut
  readonly makeCall: CallMaker
  /** Told of every session that begins; the page puts them on `window` for tests. */
  readonly onSession?: (session: Session) => void
}

const DEFAULT_ROOM = 'daily'
const NAMES = ['Ada', 'Ben', 'Cleo', 'Dan'] as const
/** Four encoders and twelve decoders in one page: small pictures are enough for small tiles. */
const GRID_WIDTH = 320
const GRID_FRAMES_PER_SECOND = 12

/** The demo. */
export function App(props: AppProps): ReactElement {
  return props.query.participants > 1 ? <GridApp {...props} /> : <SingleApp {...props} />
}

function SingleApp({ config, query, network, makeCall, onSession }: AppProps): ReactElement {
  const initial = { name: query.name ?? '', room: query.room ?? DEFAULT_ROOM }
  const [session, setSession] = useState<Session | null>(null)
  const [notice, setNotice] = useState<LobbyProps['notice']>(null)
  const typedName = useRef(initial.name)
  const [media, reopen] = useLobbyMedia(typedName, query.isFake, session)

  const join = useCallback(
    (wish: JoinWish, own: OwnMedia) => {
      setNotice(null)
      typedName.current = wish.name
      const next: Session = {
        id: participantId(),
        media: own,
        call: makeCall({ ...wish, id: participantId() }),
      }
      setSession(next)
      onSession?.(next)
      joinSession(next).catch((error: Error) => {
        void next.call.leave()
        setSession(null)
        setNotice({ text: error.message, isTrouble: true })
      })
    },
    [makeCall, onSession],
  )
  const leave = (left: Session): void => {
    void endSession(left).then(() => {
      setSession(null)
      reopen()
      setNotice({ text: 'You left the call.', isTrouble: false })
    })
  }
  const hasJoinedByItself = useRef(false)
  useEffect(() => {
    if (!query.isAuto || media === null || hasJoinedByItself.current) return
    hasJoinedByItself.current = true
    join({ name: query.name ?? 'Guest', room: query.room ?? DEFAULT_ROOM }, media)
  }, [query, media, join])

  if (session)
    return (
      <CallView
        session={session}
        control={config.control}
        network={network}
        isQuiet={query.isQuiet}
        onLeave={() => leave(session)}
      />
    )
  return (
    <Lobby
      initial={{ ...initial, name: typedName.current }}
      media={media}
      notice={notice}
      onName={(name) => {
        typedName.current = name
      }}
      onJoin={(wish) => media && join(wish, media)}
    />
  )
}

function GridApp({ config, query, network, makeCall, onSession }: AppProps): ReactElement | null {
  const [sessions, setSessions] = useState<readonly Session[]>([])
  const hasBegun = useRef(false)
  useEffect(() => {
    // StrictMode runs effects twice; four people must not join twice.
    if (hasBegun.current) return
    hasBegun.current = true
    const made = NAMES.slice(0, query.participants).map((name, index): Session => {
      const id = participantId(index)
      const room = query.room ?? DEFAULT_ROOM
      const camera = { width: GRID_WIDTH, framesPerSecond: GRID_FRAMES_PER_SECOND }
      const media = startSyntheticCamera({ name: () => name, hue: hueOf(index), ...camera })
      return { id, media, call: makeCall({ id, name, room }) }
    })
    setSessions(made)
    for (const session of made) {
      onSession?.(session)
      // A card whose join failed says so itself: its call is then in state `failed`.
      joinSession(session).catch(() => session.media.stop())
    }
  }, [query, makeCall, onSession])
  const [first, ...others] = sessions
  if (!first) return null
  return (
    <GridView
      sessions={[first, ...others]}
      control={config.control}
      network={network}
      onLeave={(session) => void endSession(session)}
    />
  )
}

/** The lobby's camera; it goes on into the call, and a new one is opened by the returned function. */
function useLobbyMedia(
  name: { readonly current: string },
  isFake: boolean,
  session: Session | null,
): readonly [OwnMedia | null, () => void] {
  const [media, setMedia] = useState<OwnMedia | null>(null)
  const [round, setRound] = useState(0)
  const isInCall = useRef(false)
  isInCall.current = session !== null
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round opens anew.
  useEffect(() => {
    let isCurrent = true
    let opened: OwnMedia | null = null
    void openOwnMedia(() => name.current, isFake, hueOfName(participantId())).then((next) => {
      if (!isCurrent) return next.stop()
      opened = next
      setMedia(next)
    })
    return () => {
      isCurrent = false
      if (!isInCall.current) opened?.stop()
    }
  }, [name, isFake, round])
  const reopen = (): void => {
    setMedia(null)
    setRound((before) => before + 1)
  }
  return [media, reopen]
}
