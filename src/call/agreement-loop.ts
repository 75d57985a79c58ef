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
  step,
  type View,
  type VoterId,
} from '../consensus/index.js'
import type { SharedDocument } from '../document/contract.js'

/** What the loop needs from the call. */
export interface AgreementLoopOptions {
  readonly document: SharedDocument
  readonly clock: Clock
  readonly participant: string
  readonly caps: readonly string[]
  readonly timings?: Partial<AgreementTimings>
  readonly live: () => ReadonlySet<VoterId>
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
  warm(provider: string, outcome: 'ready' | 'failed' | 'unknown'): void
  wake(): void
  goOn(): void
  /** Votes the record without us and marks the register as left. Resolves when it is published. */
  leave(): Promise<void>
  stop(): void
}

/** Starts the loop on an open document. */
export function startAgreementLoop(options: AgreementLoopOptions): AgreementLoop {
  const { document, clock } = options
  const queue: Input[] = []
  let isBusy = false
  let isHopping = false
  let isStopped = false
  let cancelTimer: () => void = () => {}
  let publishing: Promise<void> = Promise.resolve()
  let lastWakeAt: number | null = null

  const readView = (agreed: string | null = headOf(state)?.provider ?? null): View => ({
    now: clock.now(),
    wallNow: clock.wallNow(),
    registers: document.registers(),
    live: options.live(),
    isSyncing: document.isSyncing,
    hasHeardPeer: document.hasHeardPeer,
    isProviderDead: options.isProviderDead(agreed),
  })
  let state: AgreementState = createAgreement({
    voter: document.voter,
    participant: options.participant,
    joinedAt: clock.wallNow(),
    caps: options.caps,
    view: readView(null),
    ...(options.timings ? { timings: options.timings } : {}),
  })

  const perform = (effect: Effect): void => {
    if (effect.type === 'publish') {
      publishing = publishing.then(() => document.publish(effect.register)).catch(options.onError)
    } else if (effect.type === 'committed') {
      options.onCommitted(effect.record)
    } else {
      isHopping = true
      publishing = publishing
        .then(() => document.hop())
        .then((voter) => {
          isHopping = false
          queue.unshift({ type: 'hopped', voter })
          drain()
        })
        .catch(options.onError)
    }
  }

  const drain = (): void => {
    if (isBusy || isStopped) return
    isBusy = true
    try {
      while (!isHopping && !isStopped) {
        const input = queue.shift()
        if (input === undefined) break
        const result = step(state, { ...input, view: readView() })
        const hasChanged = result.state !== state
        state = result.state
        for (const effect of result.effects) perform(effect)
        if (hasChanged || result.effects.length > 0) options.onChange()
      }
    } catch (error) {
      options.onError(error)
    } finally {
      isBusy = false
    }
    schedule()
  }

  const schedule = (): void => {
    if (isStopped || state.wakeAt === lastWakeAt) return
    cancelTimer()
    lastWakeAt = state.wakeAt
    cancelTimer = clock.after(Math.max(0, state.wakeAt - clock.now()), () => {
      lastWakeAt = null
      feed({ type: 'view' })
    })
  }

  const feed = (input: Input): void => {
    if (isStopped) return
    queue.push(input)
    drain()
  }

  const undo = [
    document.on('registers', () => feed({ type: 'view' })),
    document.on('presence', () => feed({ type: 'view' })),
    document.on('link', () => feed({ type: 'view' })),
  ]
  feed({ type: 'view' })

  return {
    get state() {
      return state
    },
    get view() {
      return readView()
    },
    poke: () => feed({ type: 'view' }),
    want: (provider) => feed({ type: 'want', provider }),
    warm: (provider, outcome) => feed({ type: 'warm', provider, outcome }),
    wake: () => feed({ type: 'wake' }),
    goOn: () => feed({ type: 'go-on' }),
    async leave() {
      feed({ type: 'leave' })
      await publishing
    },
    stop() {
      isStopped = true
      cancelTimer()
      for (const one of undo) one()
    },
  }
}

/** The record this voter stands on; still the old one while a fresh voter is being minted. */
export function headOf(state: AgreementState): CommittedRecord | null {
  return (state.register ?? state.hop?.from ?? null)?.head ?? null
}
