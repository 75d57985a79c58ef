/**
 * Who is here: this page's participants into awareness, the others' out of it. Entries outlive the awareness
 * timer (30 s, wrong for hidden tabs and for peers behind a broken link): somebody silent stays listed until
 * it said goodbye or has been silent for a minute, and readers judge by `heardAtMs`.
 */
import type { Awareness } from 'y-protocols/awareness'
import type { Clock } from '../clock.js'
import type { VoterId } from '../consensus/record.js'
import type { Presence, PresenceFacts } from './presence.js'
import { isPageState, type PageState, parsePageState, type SeatState, writePageState } from './presence-wire.js'
import type { Reject } from './rejections.js'

/** Presence of one page's room. */
export interface PresenceBoard {
  /** Adds a participant of this page. */
  seat(start: { participant: string; session: string; voter: VoterId; facts: Partial<PresenceFacts> }): Seat
  /** Everybody except the participant with this session. */
  others(session: string): ReadonlyMap<VoterId, Presence>
  heardAt(voter: VoterId): number
  /** Participants of the page with this id in the WebRTC mesh or on the bus. */
  participantsOf(pageOrRtc: string): readonly string[]
  /** Id in the WebRTC mesh of a page on the bus; empty when unknown. */
  rtcIdOf(page: string): string
  /** Ids in the WebRTC mesh of pages heard lately. */
  rtcIds(): readonly string[]
  setRtcId(rtc: string): void
  /** Asks a voter's page for an echo; resolves when it came. */
  ping(voter: VoterId, signal: AbortSignal): Promise<void>
  /** Drops who left or has been silent for long; called once a second. */
  sweep(): void
  /** Sends the state at once, without waiting for the end of the turn. */
  flush(): void
  close(): void
}

/** One participant of this page. */
export interface Seat {
  announce(facts: Partial<PresenceFacts>): void
  beat(): void
  setVoter(voter: VoterId): void
  setLeft(hasLeft: boolean): void
  remove(): void
}

/** What {@link createPresenceBoard} needs. */
export interface PresenceBoardOptions {
  readonly awareness: Awareness
  readonly page: string
  readonly clock: Clock
  readonly onChange: () => void
  readonly reject: Reject
}

interface LocalSeat extends SeatState {
  readonly heardAtMs: number
  /** Closed; stays for a while, so that everybody sees the goodbye. */
  readonly isGone: boolean
}

interface Entry {
  readonly presence: Presence
  readonly client: number
}

/** Starts reading and writing awareness. */
export function createPresenceBoard(options: PresenceBoardOptions): PresenceBoard {
  const { awareness, clock, reject } = options
  const entries = new Map<VoterId, Entry>()
  const pages = new Map<number, PageState>()
  const seats = new Map<string, LocalSeat>()
  const pings = new Map<string, { voter: VoterId; resolve: () => void }>()
  let echoes: string[] = []
  let rtc = ''
  let isFlushing = false
  let cache = new Map<string, ReadonlyMap<VoterId, Presence>>()

  const changed = (): void => {
    cache = new Map()
    options.onChange()
  }

  const flush = (): void => {
    isFlushing = false
    awareness.setLocalState(
      writePageState({
        page: options.page,
        rtc,
        seats: [...seats.values()]
          .sort((a, b) => Number(a.isGone) - Number(b.isGone))
          .map(({ heardAtMs: _heardAtMs, isGone: _isGone, ...seat }) => seat),
        pings: [...pings].slice(-PINGS_MAX).map(([id, ping]) => [id, ping.voter] as const),
        echoes,
      }),
    )
  }

  const publish = (): void => {
    if (isFlushing) return
    isFlushing = true
    queueMicrotask(() => {
      if (isFlushing) flush()
    })
  }

  const isOwn = (voter: VoterId): boolean => [...seats.values()].some((seat) => seat.voter === voter)

  const take = (client: number, seat: SeatState): void => {
    const known = entries.get(seat.voter)
    const now = clock.now()
    const isTaken =
      known !== undefined &&
      (known.client !== client || known.presence.session !== seat.session) &&
      now - known.presence.heardAtMs < CLAIM_MS
    if (isOwn(seat.voter) || isTaken || (known === undefined && entries.size >= ENTRIES_MAX)) {
      reject('presence-invalid', String(client))
      return
    }
    const isRepeated =
      known !== undefined && known.presence.session === seat.session && seat.beat <= known.presence.beat
    entries.set(seat.voter, {
      client,
      presence: { ...seat, heardAtMs: isRepeated ? known.presence.heardAtMs : now },
    })
  }

  const answerPings = (state: PageState): void => {
    for (const [id, voter] of state.pings) {
      if (!isOwn(voter) || echoes.includes(id)) continue
      echoes = [...echoes, id].slice(-PINGS_MAX)
      publish()
    }
    for (const id of state.echoes) pings.get(id)?.resolve()
  }

  const read = (client: number): void => {
    const value = awareness.getStates().get(client)
    // A removed state says nothing: its page may be hidden, or only its link died.
    if (value === undefined) return
    const state = parsePageState(value)
    if (state === null) {
      if (isPageState(value)) reject('presence-invalid', String(client))
      return
    }
    pages.set(client, state)
    const voters = new Set(state.seats.map((seat) => seat.voter))
    for (const [voter, entry] of entries)
      if (entry.client === client && !voters.has(voter) && !entry.presence.hasLeft) entries.delete(voter)
    for (const seat of state.seats) take(client, seat)
    answerPings(state)
  }

  const onUpdate = (change: { added: number[]; updated: number[]; removed: number[] }): void => {
    const clients = [...change.added, ...change.updated].filter((client) => client !== awareness.clientID)
    for (const client of clients) read(client)
    if (clients.length > 0) changed()
  }
  awareness.on('update', onUpdate)
  // Its initial state has clock 0, which receivers drop; every later one is taken.
  flush()
  for (const client of awareness.getStates().keys()) if (client !== awareness.clientID) read(client)

  const update = (session: string, change: Partial<LocalSeat>): void => {
    const seat = seats.get(session)
    if (seat === undefined) return
    seats.set(session, { ...seat, ...change, heardAtMs: clock.now() })
    publish()
    if (seats.size > 1) changed()
  }

  return {
    seat({ participant, session, voter, facts }) {
      seats.set(session, {
        ...NO_FACTS,
        ...facts,
        participant,
        session,
        voter,
        beat: 1,
        hasLeft: false,
        isGone: false,
        heardAtMs: clock.now(),
      })
      publish()
      changed()
      return {
        announce: (more) => update(session, more),
        beat: () => update(session, { beat: (seats.get(session)?.beat ?? 0) + 1 }),
        setVoter: (fresh) => update(session, { voter: fresh }),
        setLeft: (hasLeft) => update(session, { hasLeft }),
        remove: () => update(session, { hasLeft: true, isGone: true }),
      }
    },
    others(session) {
      const cached = cache.get(session)
      if (cached) return cached
      const all = new Map<VoterId, Presence>()
      for (const [voter, entry] of entries) all.set(voter, entry.presence)
      for (const seat of seats.values()) if (seat.session !== session) all.set(seat.voter, seat)
      cache.set(session, all)
      return all
    },
    heardAt: (voter) =>
      isOwn(voter)
        ? Number.POSITIVE_INFINITY
        : (entries.get(voter)?.presence.heardAtMs ?? Number.NEGATIVE_INFINITY),
    participantsOf(pageOrRtc) {
      const found = [...pages.values()].find((page) => page.rtc === pageOrRtc || page.page === pageOrRtc)
      return found?.seats.map((seat) => seat.participant) ?? []
    },
    rtcIdOf: (id) => [...pages.values()].find((page) => page.page === id)?.rtc ?? '',
    rtcIds() {
      const since = clock.now() - CLAIM_MS
      const live = [...entries.values()].filter(
        ({ presence }) => presence.heardAtMs >= since && !presence.hasLeft,
      )
      return [...new Set(live.map(({ client }) => pages.get(client)?.rtc ?? ''))].filter((one) => one !== '')
    },
    setRtcId(id) {
      rtc = id
      publish()
    },
    ping(voter, signal) {
      return new Promise((resolve, rejectPing) => {
        const id = `${options.page.slice(0, 6)}${Math.random().toString(36).slice(2, 8)}`
        const settle = (): void => {
          pings.delete(id)
          signal.removeEventListener('abort', onAbort)
          publish()
        }
        const onAbort = (): void => {
          settle()
          rejectPing(signal.reason)
        }
        if (isOwn(voter)) {
          resolve()
          return
        }
        if (signal.aborted) {
          rejectPing(signal.reason)
          return
        }
        signal.addEventListener('abort', onAbort)
        pings.set(id, {
          voter,
          resolve: () => {
            settle()
            resolve()
          },
        })
        publish()
      })
    },
    sweep() {
      const now = clock.now()
      let hasDropped = false
      for (const [voter, { presence, client }] of entries) {
        const silentForMs = now - presence.heardAtMs
        if (silentForMs < (presence.hasLeft ? KEEP_LEFT_MS : KEEP_SILENT_MS)) continue
        entries.delete(voter)
        if (![...entries.values()].some((entry) => entry.client === client)) pages.delete(client)
        hasDropped = true
      }
      for (const seat of seats.values()) {
        if (!seat.isGone || now - seat.heardAtMs < KEEP_LEFT_MS) continue
        seats.delete(seat.session)
        publish()
        hasDropped = true
      }
      if (hasDropped) changed()
    },
    flush,
    close() {
      awareness.off('update', onUpdate)
    },
  }
}

const NO_FACTS: PresenceFacts = {
  muted: [],
  publishing: [],
  sight: {},
  flowingOn: null,
  asking: null,
  directory: {},
}
/** A tab that sleeps for longer is a new arrival when it returns. */
const KEEP_SILENT_MS = 60_000
/** Long enough for everybody to see the goodbye. */
const KEEP_LEFT_MS = 10_000
/** Nobody else may speak for a voter that was heard so lately. */
const CLAIM_MS = 10_000
/** Bound against a flood of invented participants. */
const ENTRIES_MAX = 256
/** Same bound as on the wire. */
const PINGS_MAX = 16
