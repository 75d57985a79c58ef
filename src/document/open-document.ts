/**
 * Opens the shared document of a call for one participant. Several participants of one page share its room
 * (page-room.ts); Yjs and y-webrtc are loaded here and nowhere else, so that importing stays free of them.
 */
import { type Clock, systemClock } from '../clock.js'
import { HoldfastError } from '../errors.js'
import { createEmitter } from '../events.js'
import { toBase64Url } from './base64.js'
import type { DocumentEvents, DocumentOptions, SharedDocument } from './contract.js'
import { createIdentity, identityOf } from './identity.js'
import { createSeatKeeper } from './kept-seat.js'
import type { Seat } from './local-seats.js'
import { type OwnVoter, openOwnVoter } from './own-voter.js'
import { openPageRoom, type PageRoom } from './page-room.js'
import { hashSession } from './successor.js'

/** Rooms open in one page, by name. Tests use several scopes as several pages of one process. */
export type RoomScope = Map<string, OpenRoom>

/** An entry of a {@link RoomScope}. */
export interface OpenRoom {
  readonly opening: Promise<PageRoom>
  sameness: string
  users: number
}

/**
 * Opens the document; resolves as soon as it can be read and written, while its links still connect.
 *
 * @throws HoldfastError `invalid-options`, `insecure-context`, `admission-*` for an own token that is refused.
 */
export async function openDocument(
  options: DocumentOptions,
  scope: RoomScope = PAGE_SCOPE,
): Promise<SharedDocument> {
  checkOptions(options)
  const clock = options.clock ?? systemClock()
  const opened = enter(options, clock, scope)
  try {
    const seated = await openVoter(options, opened.opening, clock)
    return takeSeat(options, await opened.opening, seated, clock, {
      release: () => leave(options.room, opened, scope),
      setSignaling(signaling) {
        opened.sameness = samenessOf({ ...options, signaling })
      },
    })
  } catch (error) {
    leave(options.room, opened, scope)
    throw error
  }
}

/** Module state on purpose: y-webrtc allows one room of a name per page. */
const PAGE_SCOPE: RoomScope = new Map()

function enter(options: DocumentOptions, clock: Clock, scope: RoomScope): OpenRoom {
  const sameness = samenessOf(options)
  const known = scope.get(options.room)
  if (known !== undefined && known.sameness !== sameness)
    throw new HoldfastError('invalid-options', {
      message: 'This page has the room open with other signaling servers, another password or other `auth`.',
    })
  const opened = known ?? { opening: openPageRoom(options, clock), sameness, users: 0 }
  opened.users += 1
  scope.set(options.room, opened)
  return opened
}

/** Participants of one page share a room only when they would have opened it alike. */
function samenessOf({ signaling, password, auth }: DocumentOptions): string {
  return JSON.stringify([signaling, password ?? null, auth !== undefined])
}

function leave(name: string, opened: OpenRoom, scope: RoomScope): void {
  opened.users -= 1
  if (opened.users > 0) return
  if (scope.get(name) === opened) scope.delete(name)
  opened.opening.then(
    (room) => room.close(),
    () => undefined, // It never opened; the opener has been told.
  )
}

function takeSeat(
  options: DocumentOptions,
  room: PageRoom,
  { own, session }: Seated,
  clock: Clock,
  hold: Hold,
): SharedDocument {
  const nextSession = freshSession()
  const events = createEmitter<DocumentEvents>()
  const undo = EVENT_NAMES.map((name) => room.events.on(name, (event) => events.emit(name, event as never)))
  const { participant, ...facts } = factsOf(options)
  const seat = room.board.seat({
    ...{ participant, session, voter: own.voter, facts },
    ...(options.keepSeat ? { next: hashSession(nextSession) } : {}),
  })
  let closing: Promise<void> | null = null
  const parting = createParting(room, own, seat, nextSession)
  const requireOpen = (): void => {
    if (closing !== null) throw new HoldfastError('closed')
  }

  return {
    on: events.on,
    session,
    kept: own.kept,
    get voter() {
      return own.voter
    },
    admissions: () => room.gate?.admissions ?? NOBODY,
    registers: () => room.store.registers,
    parted: () => room.store.parted(),
    async publish(register) {
      requireOpen()
      return own.publish(register)
    },
    async hop() {
      requireOpen()
      const voter = await own.hop()
      requireOpen()
      seat.setVoter(voter)
      return voter
    },
    presence: () => room.board.others(session),
    announce: (more) => closing ?? seat.announce(more),
    beat: () => closing ?? seat.beat(),
    get isSyncing() {
      return closing === null && room.links.isSyncing
    },
    get hasHeardPeer() {
      return room.links.hasHeard || room.board.others(session).size > 0
    },
    carry: (port) => (closing === null ? room.links.carry(port) : () => undefined),
    get links() {
      return closing === null ? room.links.snapshots : []
    },
    ...linkControls(room, hold, requireOpen),
    channel: (topic) => room.links.channels.channel(topic, participant, session),
    async measureRoundTrip(voter, signal) {
      requireOpen()
      const startedAtMs = clock.now()
      await room.board.ping(voter, signal)
      return clock.now() - startedAtMs
    },
    farewell: () => closing === null && parting.farewell(),
    comeBack: () => closing ?? parting.comeBack(),
    close() {
      closing ??= sayGoodbye(room, clock, () => {
        seat.remove()
        own.release()
      }).then(() => {
        for (const one of undo) one()
        events.clear()
        hold.release()
      })
      return closing
    },
  }
}

interface Hold {
  readonly release: () => void
  /** The page's room has other servers from now on. */
  readonly setSignaling: (urls: readonly string[]) => void
}

/** What can be asked of the links. */
function linkControls(
  { links }: PageRoom,
  hold: Hold,
  requireOpen: () => void,
): Pick<SharedDocument, 'heardAtMs' | 'checkLinks' | 'setSignaling' | 'resync'> {
  return {
    heardAtMs: () => links.servers.heardAtMs,
    checkLinks: () => links.check(),
    setSignaling(urls) {
      requireOpen()
      checkServers(urls)
      links.servers.setServers(urls)
      hold.setSignaling(urls)
    },
    resync: () => links.resync(),
  }
}

/** `pagehide`, and the rare page that lives on after it. */
function createParting(
  room: PageRoom,
  own: OwnVoter,
  seat: Seat,
  nextSession: string,
): { farewell(): boolean; comeBack(): void } {
  let isKept = false
  return {
    farewell() {
      isKept = own.leaveTo(nextSession)
      if (isKept) seat.setParting(true)
      else seat.setLeft(true)
      room.flush()
      return isKept
    },
    comeBack() {
      seat.setLeft(false)
      if (isKept) {
        isKept = false
        seat.setParting(false)
        void own.takeBack()
      }
      room.flush()
    },
  }
}

/** The voter that the page before has left here, if it fits, else a fresh one; and the session that goes with it. */
async function openVoter(options: DocumentOptions, opening: Promise<PageRoom>, clock: Clock): Promise<Seated> {
  const { participant, auth, keepSeat } = options
  const keeper = keepSeat ? createSeatKeeper(options.room, participant, clock) : null
  const [room, found, fresh] = await Promise.all([opening, keeper?.take() ?? null, createIdentity()])
  const former = found !== null && keepSeat?.(found.register) ? await identityOf(found.pair) : null
  const kept = former !== null && former.voter === found?.register.voter ? found : null
  const own = await openOwnVoter(
    { room, participant, token: auth?.token ?? null, keeper, kept },
    kept === null || former === null ? fresh : former,
  )
  return { own, session: kept?.session ?? freshSession() }
}

interface Seated {
  readonly own: OwnVoter
  readonly session: string
}

function factsOf({ participant, name }: DocumentOptions): { participant: string; name?: string } {
  return { participant, ...(name === undefined ? {} : { name }) }
}

function freshSession(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(SESSION_BYTES)))
}

/** Leaves, and waits until the others can have heard of it. */
async function sayGoodbye(room: PageRoom, clock: Clock, leaveSeat: () => void): Promise<void> {
  leaveSeat()
  room.flush()
  await new Promise<void>((resolve) => {
    clock.after(GOODBYE_MS, resolve)
  })
}

function checkOptions(options: DocumentOptions): void {
  if (options.room.length === 0 || options.room.length > ROOM_MAX_CHARACTERS)
    fail('room', `must have 1 to ${ROOM_MAX_CHARACTERS} characters`)
  if (options.participant.length === 0 || options.participant.length > ID_MAX_CHARACTERS)
    fail('participant', `must have 1 to ${ID_MAX_CHARACTERS} characters`)
  checkServers(options.signaling)
}

function checkServers(urls: readonly string[]): void {
  if (urls.length > SERVERS_MAX) fail('signaling', `must have at most ${SERVERS_MAX} URLs`)
  for (const url of urls)
    if (!/^wss?:\/\/\S+$/.test(url) || !URL.canParse(url)) fail('signaling', 'must be WebSocket URLs')
}

function fail(field: string, why: string): never {
  throw new HoldfastError('invalid-options', { message: `${field}: ${why}`, details: { field } })
}

const NOBODY: ReturnType<SharedDocument['admissions']> = new Map()
const EVENT_NAMES = ['registers', 'presence', 'link', 'rejected'] as const
/** Tells two lives of one participant apart. */
const SESSION_BYTES = 12
/** Lets the goodbye leave the data channels' and the socket's buffers before they are closed. */
const GOODBYE_MS = 100
/** Leaves room for a suffix below the signaling server's limit on topics. */
const ROOM_MAX_CHARACTERS = 200
/** As in registers and presence. */
const ID_MAX_CHARACTERS = 128
/** Two or three are enough; each is a socket and a copy of every message. */
const SERVERS_MAX = 8
