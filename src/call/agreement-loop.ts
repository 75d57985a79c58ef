/**
 * Drives the pure agreement core over the shared document: turns changes into inputs, performs effects, and
 * keeps the one timer the core asks for. The core's duties for its shell are carried out here and nowhere
 * else: publish in order, answer a hop with a fresh voter, come back no later than `wakeAt`.
 */
import type { Clock } from '../clock.js'
import {
  type AgreementState,
  type AgreementTimings,
  type CommittedRecord,
  createAgreement,
  type Effect,
  type Input,
  NO_BALLOT,
  step,
  type View,
  type VoterId,
} from '../consensus/index.js'
import type { SharedDocument } from '../document/contract.js'

/** The part of the document that agreement uses; simulations bring their own. */
export type AgreementDocument = Pick<
  SharedDocument,
  'voter' | 'registers' | 'publish' | 'hop' | 'isSyncing' | 'hasHeardPeer' | 'on'
> &
  Partial<Pick<SharedDocument, 'kept' | 'parted'>>

/** What the loop needs from the call. */
export interface AgreementLoopOptions {
  readonly document: AgreementDocument
  readonly clock: Clock
  readonly participant: string
  readonly caps: readonly string[]
  readonly timings?: Partial<AgreementTimings>
  readonly live: () => ReadonlySet<VoterId>
  /** When `live` will shrink if nothing is heard; the loop looks then, not at somebody's next tick. */
  readonly liveUntilMs?: () => number
  readonly isProviderDead: (provider: string | null) => boolean
  readonly onCommitted: (record: CommittedRecord) => void
  /** Anything people may see changed. */
  readonly onChange: () => void
  readonly onError: (error: unknown) => void
}

/** The running loop. */
export interface AgreementLoop {
  readonly state: AgreementState
  readonly view: View
  /** Feeds the present view; cheap, call it after every change. */
  poke(): void
  want(provider: string): void
  /** Resolves when everything published so far is written. */
  written(): Promise<void>
  /** This voter has voted and waits for the others: nothing is left to do here but to listen. */
  readonly isAwaitingVotes: boolean
  warm(provider: string, outcome: 'ready' | 'failed' | 'unknown'): void
  /** Ends a pause, too. */
  wake(): void
  /** Decides nothing more until it wakes: what this page would write now could not be written. */
  pause(): void
  goOn(): void
  /** Votes the record without us and marks the register as left. Resolves when it is published. */
  leave(): Promise<void>
  stop(): void
}

/** What one running loop remembers. */
interface Running {
  readonly options: AgreementLoopOptions
  state: AgreementState
  readonly queue: Input[]
  isBusy: boolean
  /** A fresh voter is being minted; inputs wait. */
  isHopping: boolean
  isStopped: boolean
  isPaused: boolean
  cancelTimer: () => void
  timerAt: number | null
  /** What the last step knew of the world besides registers and time. */
  outlook: string
  /** The tail of the publications, so that they keep their order. */
  publishing: Promise<void>
}

/** Starts the loop on an open document. */
export function startAgreementLoop(options: AgreementLoopOptions): AgreementLoop {
  const { document, clock } = options
  const running: Running = {
    options,
    state: createAgreement({
      voter: document.voter,
      participant: options.participant,
      joinedAt: clock.wallNow(),
      caps: options.caps,
      view: readView(options, null),
      kept: document.kept ?? null,
      ...(options.timings ? { timings: options.timings } : {}),
    }),
    queue: [],
    isBusy: false,
    isHopping: false,
    isStopped: false,
    isPaused: false,
    cancelTimer: () => undefined,
    timerAt: null,
    outlook: '',
    publishing: Promise.resolve(),
  }
  const look = (): void => feed(running, { type: 'view' })
  if (document.kept) options.onCommitted(document.kept.head)
  const lookIfNew = (): void => {
    // Presence changes many times a second while media moves, and seldom in a way that agreement cares for.
    if (outlookOf(viewOf(running)) !== running.outlook) look()
  }
  const lookIfDue = (): void => {
    if (clock.now() >= running.state.wakeAt) look()
    else lookIfNew()
  }
  const undo = [
    document.on('registers', look),
    document.on('presence', lookIfNew),
    document.on('link', lookIfNew),
  ]
  look()
  return {
    get state() {
      return running.state
    },
    get view() {
      return viewOf(running)
    },
    poke: lookIfDue,
    get isAwaitingVotes() {
      return (running.state.register?.votedBallot ?? NO_BALLOT) > NO_BALLOT
    },
    want: (provider) => feed(running, { type: 'want', provider }),
    written: () => running.publishing,
    warm: (provider, outcome) => feed(running, { type: 'warm', provider, outcome }),
    wake() {
      running.isPaused = false
      feed(running, { type: 'wake' })
    },
    pause() {
      running.isPaused = true
    },
    goOn: () => feed(running, { type: 'go-on' }),
    async leave() {
      feed(running, { type: 'leave' })
      await running.publishing
    },
    stop() {
      running.isStopped = true
      running.cancelTimer()
      for (const one of undo) one()
    },
  }
}

/** The record this voter stands on; still the old one while a fresh voter is being minted. */
export function headOf(state: AgreementState): CommittedRecord | null {
  return (state.register ?? state.hop?.from ?? null)?.head ?? null
}

function viewOf(running: Running): View {
  return readView(running.options, headOf(running.state)?.provider ?? null)
}

function readView(options: AgreementLoopOptions, agreed: string | null): View {
  const { clock, document } = options
  return {
    now: clock.now(),
    wallNow: clock.wallNow(),
    registers: document.registers(),
    live: options.live(),
    parted: document.parted?.() ?? NOBODY,
    isSyncing: document.isSyncing,
    hasHeardPeer: document.hasHeardPeer,
    isProviderDead: options.isProviderDead(agreed),
  }
}

/** Everything in a view but registers, which have an event of their own, and time, which `wakeAt` asks for. */
function outlookOf({ live, parted, isSyncing, hasHeardPeer, isProviderDead }: View): string {
  return JSON.stringify([[...live].sort(), [...(parted ?? [])].sort(), isSyncing, hasHeardPeer, isProviderDead])
}

function feed(running: Running, input: Input): void {
  if (running.isStopped || (running.isPaused && input.type === 'view')) return
  running.queue.push(input)
  drain(running)
}

function drain(running: Running): void {
  if (running.isBusy || running.isStopped || running.isPaused) return
  running.isBusy = true
  try {
    while (!running.isHopping && !running.isStopped) {
      const input = running.queue.shift()
      if (input === undefined) break
      const view = viewOf(running)
      running.outlook = outlookOf(view)
      const { state, effects } = step(running.state, { ...input, view })
      const hasChanged = state !== running.state
      running.state = state
      for (const effect of effects) perform(running, effect)
      if (hasChanged || effects.length > 0) running.options.onChange()
    }
  } catch (error) {
    running.options.onError(error)
  } finally {
    running.isBusy = false
  }
  schedule(running)
}

function perform(running: Running, effect: Effect): void {
  const { document, onCommitted, onError } = running.options
  if (effect.type === 'publish') {
    running.publishing = running.publishing.then(() => document.publish(effect.register)).catch(onError)
    return
  }
  if (effect.type === 'committed') {
    onCommitted(effect.record)
    return
  }
  running.isHopping = true
  running.publishing = running.publishing
    .then(() => document.hop())
    .then((voter) => {
      running.isHopping = false
      running.queue.unshift({ type: 'hopped', voter })
      drain(running)
    })
    .catch(onError)
}

function schedule(running: Running): void {
  const { liveUntilMs = () => Number.POSITIVE_INFINITY } = running.options
  const wakeAt = Math.min(running.state.wakeAt, liveUntilMs() + BARELY_MS)
  if (running.isStopped || wakeAt === running.timerAt) return
  running.cancelTimer()
  running.timerAt = null
  // Inputs wait for the fresh voter, or nothing is left to do: a timer that is due would be set again and again.
  if (running.isHopping || running.state.phase === 'left') return
  running.timerAt = wakeAt
  if (!Number.isFinite(wakeAt)) return
  running.cancelTimer = running.options.clock.after(Math.max(0, wakeAt - running.options.clock.now()), () => {
    running.timerAt = null
    feed(running, { type: 'view' })
  })
}

/** Somebody is live up to and including the last moment. */
const BARELY_MS = 1
const NOBODY: ReadonlySet<VoterId> = new Set()
