/**
 * One turn of one page: the production `step` on a document and a mood, with its timers either fresh or run out.
 */
import { recordText } from '../../src/consensus/record.js'
import type { Register } from '../../src/consensus/register.js'
import type { Effect, StepResult, View } from '../../src/consensus/step.js'
import type { Core, Model, Mood } from './explorer-model.js'

/** Long ago for every timer of the core. */
const LONG_AGO_MS = -1e6
/** Between two looks at a document that does not change: longer than every timer, shorter than a sleep. */
const LOOK_MS = 5900

/** Who acts on what. */
export interface Scene {
  readonly mine: Register
  readonly page: number
  readonly registers: ReadonlyMap<string, Register>
  readonly mood: Mood
  readonly isLate: boolean
}

/** What the page publishes; null for nothing, an error when the core threw. */
export function takeTurn(core: Core, model: Model, scene: Scene): Register | null | Error {
  const { mine, registers, mood, isLate, page } = scene
  const live = new Set([mine.voter])
  for (const index of mood.hears) {
    const voters: readonly string[] = model.pages[index]?.voters ?? []
    const newest = voters.findLast((voter) => registers.has(voter)) ?? voters[0]
    if (newest !== undefined && index !== page) live.add(newest)
  }
  const flags = { isSyncing: false, hasHeardPeer: true, isProviderDead: mood.isProviderDead ?? false }
  const viewAt = (now: number): View => ({ now, wallNow: LOOK_MS, registers, live, ...flags })
  const { voter, participant, joinedAt, caps, warm } = mine
  const fresh = core.createAgreement({ voter, participant, joinedAt, caps, view: viewAt(0) })
  const state = { ...fresh, phase: 'active' as const, register: mine, warm }
  const input = mood.input ?? ({ type: 'view' } as const)
  try {
    const early = core.step(state, { ...input, view: viewAt(0) })
    if (!isLate) return outcomeOf(core, model, scene, early, viewAt(0))
    const { candidateSince, roundSince } = early.state
    const late = core.step(
      {
        ...state,
        candidateSince: candidateSince && { ...candidateSince, at: LONG_AGO_MS },
        roundSince: roundSince && { ...roundSince, at: LONG_AGO_MS },
        lonelySince: LONG_AGO_MS,
        outrankedSince: LONG_AGO_MS,
      },
      { ...input, view: viewAt(0) },
    )
    const first = outcomeOf(core, model, scene, late, viewAt(0))
    if (first !== null) return first
    const again = core.step(late.state, { type: 'view', view: viewAt(LOOK_MS) })
    return outcomeOf(core, model, scene, again, viewAt(LOOK_MS))
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function outcomeOf(core: Core, model: Model, scene: Scene, result: StepResult, view: View): Register | null {
  if (result.effects.some((effect) => effect.type === 'hop')) {
    const voters: readonly string[] = model.pages[scene.page]?.voters ?? []
    const next = voters[voters.indexOf(scene.mine.voter) + 1]
    // Past the last voter of the model: it would move, so it is not at rest, but where to is cut off.
    if (next === undefined) return scene.mine
    return publishedBy(core.step(result.state, { type: 'hopped', voter: next, view }).effects)
  }
  return publishedBy(result.effects)
}

function publishedBy(effects: readonly Effect[]): Register | null {
  return effects.find((effect) => effect.type === 'publish')?.register ?? null
}

/** S2: whether a document's decision is the same in whatever order its registers are found. */
export function readInTwoOrders(core: Core, mine: Register, registers: ReadonlyMap<string, Register>): boolean {
  const entries = [...registers]
  const texts = [entries, entries.toReversed(), [...entries.slice(1), ...entries.slice(0, 1)]].map((order) => {
    const decided = core.decide(new Map(order), mine.lineage, mine.head)
    return decided && recordText(decided)
  })
  return new Set(texts).size === 1
}
