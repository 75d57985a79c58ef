/**
 * Presence between awareness and the call: this page's seats go out as one awareness state, those of other
 * pages come in through the book. Nothing here relies on awareness' own timers.
 */
import type { Awareness } from 'y-protocols/awareness'
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import { pruneStrangers } from './intake.js'
import type { LinkedPage } from './link.js'
import type { Seat, SeatStart } from './local-seats.js'
import { createOwnPresence, type OwnPresence } from './own-presence.js'
import type { Presence } from './presence.js'
import { createPresenceBook } from './presence-book.js'
import { isPageState, type PageState, parsePageState } from './presence-wire.js'
import { parsePulse, pulseIdOf } from './pulse.js'
import type { Reject } from './rejections.js'
import { createRoundTrips } from './round-trips.js'
import { createSeatHolders, type SeatHolders } from './seat-holders.js'
import { createWholeness, type Wholeness } from './wholeness.js'

/** Presence of one page's room. */
export interface PresenceBoard {
  /** Adds a participant of this page. */
  seat(start: SeatStart): Seat
  /** Everybody except the participant with this session; same identity while unchanged. */
  others(session: string): ReadonlyMap<VoterId, Presence>
  /** Monotonic time of a voter's last new beat; infinite for this page's own. */
  heardAt(voter: VoterId): number
  /** The page that speaks through an awareness client; null when it is unknown. */
  pageOf(client: number): LinkedPage | null
  /** The same by page id. */
  linkedPage(page: string): LinkedPage | null
  /** Whether somebody of this page sits in the committee. */
  isSeated(): boolean
  /** Participants of the page with this id in the WebRTC mesh or on the bus. */
  participantsOf(pageOrRtc: string): readonly string[]
  /** Id in the WebRTC mesh of a page on the bus; empty when unknown. */
  rtcIdOf(page: string): string
  /** Ids in the WebRTC mesh of pages heard lately. */
  rtcIds(): readonly string[]
  setRtcId(rtc: string): void
  readonly wholeness: Wholeness
  /** Asks a voter's page for an echo; resolves when it came. */
  ping(voter: VoterId, signal: AbortSignal): Promise<void>
  /** What `stands` says may have changed. */
  recount(): void
  /** Called once a second. */
  sweep(): void
  /** Sends the state at once, without waiting for the end of the turn. */
  flush(): void
  close(): void
}

/** What {@link createPresenceBoard} needs. */
export interface PresenceBoardOptions {
  readonly awareness: Awareness
  readonly page: string
  readonly clock: Clock
  readonly onChange: () => void
  readonly reject: Reject
  /** Of several pages of one participant only the first is shown. Default false. */
  readonly isFirstOnly?: boolean
  /** Whether somebody of another page may be shown at all. Default: everybody. */
  readonly stands?: (presence: Presence) => boolean
  /** Whether a voter of this page sits in the committee; its heartbeats stay frequent. Default: no. */
  readonly sits?: (voter: VoterId) => boolean
}

/** Starts reading and writing awareness. */
export function createPresenceBoard(options: PresenceBoardOptions): PresenceBoard {
  const { awareness, clock, reject, page } = options
  let rtc = ''
  let cache = new Map<string, ReadonlyMap<VoterId, Presence>>()

  const holders = createSeatHolders(clock)
  const livePages = (): PageState[] => book.livePages(LIVE_MS)
  const presences = (): Presence[] => [...book.entries.values()].map((entry) => entry.presence)
  const changed = (): void => {
    holders.update(seats.others(''), presences())
    cache = new Map()
    options.onChange()
  }
  const own: OwnPresence = createOwnPresence({
    awareness,
    clock,
    pages: () => livePages().length + 1,
    sits: options.sits ?? (() => false),
    frame: () => ({ page, rtc, isWhole: wholeness.isOwn, pings: trips.pings, echoes: trips.echoes }),
    onChange: () => changed(),
  })
  const { seats, publish, flush } = own
  const trips = createRoundTrips(seats.has, publish)
  const book = createPresenceBook(clock, seats.has, reject)
  const wholeness = createWholeness(livePages, publish)
  const stopReading = readStates(awareness, reject, {
    onState(client, state) {
      book.take(client, state)
      trips.take(state)
      changed()
    },
    onBeats: (client, beats) => book.takeBeats(client, beats) && changed(),
    isKnown: (client) => book.pages.has(client) || book.pages.has(pulseIdOf(client)),
  })
  // The initial state of an awareness has clock 0, which receivers drop; every later one is taken.
  flush()
  const pageOf = (id: string) => [...book.pages.values()].find((one) => one.rtc === id || one.page === id)
  return {
    seat: seats.take,
    wholeness,
    ...{ ping: trips.measure, isSeated: own.isSeated },
    ...{ recount: changed, flush, close: stopReading },
    others(session) {
      const cached = cache.get(session)
      if (cached !== undefined) return cached
      const shown = presences().filter((presence) => isShown(presence, holders, options))
      cache.set(session, new Map([...shown, ...seats.others(session)].map((one) => [one.voter, one])))
      return cache.get(session) ?? new Map()
    },
    heardAt: (voter) =>
      seats.has(voter)
        ? Number.POSITIVE_INFINITY
        : (book.entries.get(voter)?.presence.heardAtMs ?? Number.NEGATIVE_INFINITY),
    pageOf: (client) => linkedPage(book.pages.get(client)),
    linkedPage: (id) => linkedPage(pageOf(id)),
    participantsOf: (id) => (id === '' ? [] : (pageOf(id)?.seats.map((seat) => seat.participant) ?? [])),
    rtcIdOf: (id) => pageOf(id)?.rtc ?? '',
    rtcIds: () => livePages().flatMap((one) => one.rtc || []),
    setRtcId(id) {
      rtc = id
      publish()
    },
    sweep() {
      const hasChanged = holders.update(seats.others(''), presences())
      if (book.sweep() || hasChanged) changed()
      seats.sweep()
    },
  }
}

function linkedPage(state: PageState | undefined): LinkedPage | null {
  if (state === undefined) return null
  return {
    page: state.page,
    participants: state.seats.map((seat) => seat.participant),
    beatEveryMs: state.every,
  }
}

function isShown(presence: Presence, holders: SeatHolders, options: PresenceBoardOptions): boolean {
  return (options.stands?.(presence) ?? true) && (!options.isFirstOnly || holders.stands(presence))
}

/** Calls back for every state of ours that other pages publish. */
function readStates(
  awareness: Awareness,
  reject: Reject,
  to: {
    onState(client: number, state: PageState): void
    onBeats(client: number, beats: readonly number[]): unknown
    isKnown(client: number): boolean
  },
): () => void {
  const own = [awareness.clientID, pulseIdOf(awareness.clientID)]
  const read = (client: number): void => {
    // A removed state says nothing: its page may be hidden, or only its link died.
    const value = awareness.getStates().get(client)
    if (own.includes(client) || value === undefined) return
    const beats = parsePulse(value)
    const state = beats === null ? parsePageState(value) : null
    if (beats !== null) to.onBeats(pulseIdOf(client), beats)
    else if (state !== null) to.onState(client, state)
    else if (isPageState(value)) reject('presence-invalid', String(client))
  }
  const onUpdate = (change: { added: number[]; updated: number[] }): void => {
    for (const client of [...change.added, ...change.updated]) read(client)
    pruneStrangers(awareness, (client) => own.includes(client) || to.isKnown(client))
  }
  awareness.on('update', onUpdate)
  return () => awareness.off('update', onUpdate)
}

/** A page that was silent for longer is not worth a connection attempt. */
const LIVE_MS = 10_000
