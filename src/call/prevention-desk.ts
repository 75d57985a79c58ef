/**
 * The page side of prevention: looks once a second at what health foretells and feels, does what
 * `recovery/prevention.ts` says, and keeps the scores. A standby is prepared by the pool's next plan; what is done to
 * our own connection goes through the same hands as every repair.
 */
import { type Danger, dangersOf, hasCome } from '../recovery/danger.js'
import {
  INITIAL_PREVENTION,
  type PreventionEffect,
  type PreventionTally,
  type PreventiveAction,
  stepPrevention,
  tallyOf,
} from '../recovery/prevention.js'
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'

/** Prevention in a call. */
export interface PreventionDesk {
  /** How much of a standby the danger to this provider asks for; null: no more than the app does. */
  standby(provider: string): 'silent' | 'media' | null
  /** Actions so far, by how they turned out. */
  tally(): PreventionTally
  /** Actions taken, scored or not. */
  readonly acted: number
  stop(): void
}

/** What can be done to our own connection. */
export type RemedyAction = Extract<PreventiveAction, 'quality-down' | 'ice-restart'>

/** Does something to our own connection before it breaks. */
export interface Remedy {
  /** Nothing else is being done about anything. */
  isFree(): boolean
  begin(action: RemedyAction, connectionId: string): void
  end(action: RemedyAction): void
}

/** The risks come once a second. */
const LOOK_EVERY_MS = 1_000
/** A report older than this is of another time. */
const FRESH_MS = 3_000

/** Starts looking. `remedy`: null while nothing can be done to our own connection. */
export function createPreventionDesk(core: CallCore, remedy: () => Remedy | null): PreventionDesk {
  const wishes = new Map<string, 'silent' | 'media'>()
  let state = INITIAL_PREVENTION
  let acted = 0
  const look = (): void => {
    const input = isAllowed(core) ? inputOf(core, remedy()?.isFree() ?? false) : null
    if (input !== null) {
      const stepped = stepPrevention(state, input)
      state = stepped.state
      for (const effect of stepped.effects) follow(effect)
    }
    cancel = core.clock.after(LOOK_EVERY_MS, look)
  }
  const follow = ({ type, action, about, level, score }: PreventionEffect): void => {
    if (type === 'scored') {
      note(core, action, score ?? 'needless')
      return
    }
    const isOver = type === 'end'
    if (!isOver) acted += 1
    if (action === 'quality-down' || action === 'ice-restart') {
      if (isOver) remedy()?.end(action)
      else remedy()?.begin(action, about.id)
    } else if (isOver) wishes.delete(about.id)
    else wishes.set(about.id, action === 'hot-standby' ? 'media' : 'silent')
    core.options.logger.debug('prevention', { type, action, about: about.id, level })
    core.requestRefresh()
  }
  let cancel = core.clock.after(LOOK_EVERY_MS, look)
  return {
    standby: (provider) => wishes.get(provider) ?? null,
    tally: () => tallyOf(state),
    get acted() {
      return acted
    },
    stop: () => cancel(),
  }
}

/** Who switched recovery off wants nothing to be done by itself, not even for good. */
function isAllowed({ recovery, options }: CallCore): boolean {
  const status = recovery?.status() ?? { isAutomatic: options.automatic, isEmergency: false }
  return status.isAutomatic && !status.isEmergency
}

function inputOf(core: CallCore, hasRemedy: boolean): Parameters<typeof stepPrevention>[1] | null {
  const { desk, reading, clock } = core
  const report = desk?.latest() ?? null
  if (reading === null || report === null || clock.now() - report.atMs > FRESH_MS) return null
  const about = carrierOf(reading)
  if (about === null) return null
  const dangers: readonly Danger[] = dangersOf(about, desk?.latestRisk()?.risks ?? [], report.alerts)
  return { now: clock.now(), dangers, hasCome: hasCome(report.alerts), can: abilities(reading, hasRemedy) }
}

function carrierOf({ current, agreed }: Reading): { connection: string; provider: string } | null {
  return current === null || agreed === null ? null : { connection: current.id, provider: agreed }
}

function abilities({ next, current }: Reading, hasRemedy: boolean): readonly PreventiveAction[] {
  const { setSendCap, restartIce } = current?.connection ?? {}
  return [
    ...(next === null ? [] : (['warm-standby', 'hot-standby'] as const)),
    ...(hasRemedy && setSendCap ? (['quality-down'] as const) : []),
    ...(hasRemedy && restartIce ? (['ice-restart'] as const) : []),
  ]
}

function note({ archive, options }: CallCore, action: PreventiveAction, score: string): void {
  void archive?.audit.append({
    room: options.room,
    kind: 'prevention-scored',
    participant: null,
    facts: { action, score },
  })
}
