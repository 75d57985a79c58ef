/**
 * What this browser learned about repairs. It is loaded a moment after a call has joined, chooses from memory
 * in microseconds, writes down every decision with its numbers, and learns from how attempts end. A call that
 * does not have it, or not yet, goes by fixed priorities.
 */
import type { Clock } from '../clock.js'
import { openArchive } from '../history/archive.js'
import type { Archive, PatternRow } from '../history/archive-contract.js'
import type { Attempt, HistoryStore } from '../history/attempt.js'
import { contextOf, signatureOf } from '../recovery/context.js'
import type { Incident } from '../recovery/incident.js'
import {
  type Assumed,
  type Knowledge,
  learn,
  NO_KNOWLEDGE,
  toPrior,
  withPattern,
  withPrior,
} from '../recovery/knowledge.js'
import { addOutcome, type Outcome, type Pattern, patternId } from '../recovery/pattern.js'
import { assumedOf, RETRY_MS, type Strategy } from '../recovery/plan.js'
import { claimsOf, withClaims } from '../recovery/pooling.js'
import { CALL_POLICY, type Choice, choose } from '../recovery/selection.js'
import { assumedStrategy } from '../recovery/strategy-specs.js'
import { readClaims, writeClaims } from './claims.js'
import type { Chosen } from './decision-rows.js'
import { createDecisions } from './decisions.js'
import type { CallMemory } from './memory.js'
import { parsePatternFile } from './pattern-file.js'
import type { Told } from './recovery-book.js'
import { readSurroundings } from './surroundings.js'

/** What has to be chosen, as the repair loop knows it. */
export interface RepairQuestion<Id extends string = Strategy> {
  readonly incident: Pick<Incident, 'kind' | 'blame' | 'severity' | 'culprit'>
  readonly provider: string
  /** Attempts already made for this incident. */
  readonly attempts: number
  /** In fixed priority; at least one. */
  readonly strategies: readonly Id[]
  /** What to assume of one that nobody has tried. Default: as the repair loop does. */
  readonly assumed?: (strategy: Id) => Required<Assumed>
}

/** What was learned, at work in a call. */
export interface Experience {
  readonly archive: Archive
  /** Chooses; synchronous. Null when learning is off. */
  choose<Id extends string = Strategy>(question: RepairQuestion<Id>): Id | null
  /** The latest choice with its numbers, until an attempt begins; null: none. */
  readonly latest: Choice | null
  /** An attempt began or ended; `told` is what the recovery desk said of it. */
  saw(attempt: Attempt, told?: Told): void
  /** Nothing is done about an incident, and why. */
  noteNothing(room: string, told: Told): void
  /** For the app. */
  readonly memory: CallMemory
  /** Forgets what is in memory; the result puts it back. */
  setAside(): () => void
  /** Reads what was learned anew; false where there is nothing to read. */
  reload(): Promise<boolean>
  close(): void
}

/** What {@link openExperience} takes. */
export interface ExperienceOptions {
  readonly history: HistoryStore
  readonly clock: Clock
  readonly me: string
  /** Kind of a provider by its id. */
  readonly kindOf: (provider: string) => string
  readonly isLearning: boolean
  /** Names of the people in the call, which are taken out of texts. */
  readonly names: () => readonly string[]
  /** What the others say they learned; see `claims.ts`. */
  readonly learned: () => readonly string[]
  /** Tells the others what was learned here. */
  readonly announce: (learned: string) => void
  /** In [0, 1). */
  readonly random: () => number
}

/** Loads what was learned; resolves when it can choose. Never rejects. */
export async function openExperience(options: ExperienceOptions): Promise<Experience> {
  const { history, clock, names, me, isLearning } = options
  const archive = openArchive({ history, clock, names })
  const patterns = await archive.patterns()
  const state: State = {
    options,
    archive,
    knowledge: knowledgeOf(patterns),
    chosen: null,
  }
  const decisions = createDecisions({
    archive,
    clock,
    me,
    contextOf: (provider, isLater) => circumstancesOf(options, provider, isLater),
  })
  tell(state)
  return {
    archive,
    choose: (question) => (isLearning ? select(state, question) : null),
    get latest() {
      return state.chosen?.choice ?? null
    },
    noteNothing: (room, told) => decisions.nothing(room, told),
    saw(attempt, told) {
      if (attempt.outcome === 'in-progress') {
        decisions.begun(attempt, state.chosen, told)
        state.chosen = null
        return
      }
      const outcome = decisions.ended(attempt)
      if (outcome !== null && isLearning) void takeIn(state, outcome)
    },
    memory: memoryOf(state),
    setAside() {
      const { knowledge } = state
      state.knowledge = NO_KNOWLEDGE
      return () => {
        state.knowledge = knowledge
      }
    },
    async reload() {
      if (history.mode !== 'indexeddb') return false
      state.knowledge = knowledgeOf(await archive.patterns())
      return true
    },
    close() {
      decisions.flush()
      archive.close()
    },
  }
}

function memoryOf(state: State): CallMemory {
  const { archive, options } = state
  return {
    patterns: {
      import(file) {
        const shipped = parsePatternFile(file).patterns
        state.knowledge = withPrior(state.knowledge, shipped)
        return shipped.length
      },
      export: () => ({ format: 'holdfast-patterns', version: 1, patterns: toPrior(state.knowledge) }),
    },
    explain: archive.explanation,
    explanations: archive.explanations,
    incidents: archive.incidents,
    export: archive.export,
    async erase(query = {}) {
      await archive.erase(query)
      if (query.participant === undefined && query.room === undefined) {
        state.knowledge = NO_KNOWLEDGE
        options.announce(writeClaims([]))
      }
    },
    verify: archive.audit.verify,
  }
}

interface State {
  readonly options: ExperienceOptions
  readonly archive: Archive
  knowledge: Knowledge
  /** The latest choice, until the attempt that it leads to begins. */
  chosen: Chosen | null
}

function select<Id extends string>(state: State, asked: RepairQuestion<Id>): Id {
  const { options } = state
  const { incident, provider, attempts, strategies, assumed = assumedOf } = asked
  const context = circumstancesOf(options, provider, attempts > 0)
  const question = {
    signature: signatureOf(incident),
    context,
    options: strategies.map((strategy) => ({ strategy, ...assumed(strategy) })),
    nextMs: RETRY_MS,
    isCritical: incident.severity === 'critical',
  }
  const known = withClaims(state.knowledge, options.learned().map(readClaims))
  const choice = choose(known, question, CALL_POLICY, options.random())
  state.chosen = { choice, context }
  return strategies.find((strategy) => strategy === choice.strategy) ?? (strategies[0] as Id)
}

async function takeIn(state: State, outcome: Outcome): Promise<void> {
  state.knowledge = learn(
    state.knowledge,
    outcome,
    assumedStrategy(outcome.strategy) ?? assumedOf(outcome.strategy),
  )
  tell(state)
  const { episode } = state.knowledge
  const id = patternId(outcome)
  const row = await state.archive.changePattern(id, (before) => ({
    ...addOutcome(before, outcome, Math.max(episode, before?.episode ?? 0)),
    id,
    usedAtMs: 0,
  }))
  if (row !== null) state.knowledge = withPattern(state.knowledge, patternOf(row))
}

function tell({ options, knowledge }: State): void {
  if (!options.isLearning) return
  const claims = claimsOf(knowledge)
  if (claims.length > 0) options.announce(writeClaims(claims))
}

function circumstancesOf(options: ExperienceOptions, provider: string, isLater: boolean): string {
  const kind = options.kindOf(provider)
  return contextOf({ ...readSurroundings(), provider: kind, stage: isLater ? 'later' : 'first' })
}

function knowledgeOf(rows: readonly PatternRow[]): Knowledge {
  return rows.map(patternOf).reduce(withPattern, NO_KNOWLEDGE)
}

function patternOf({ id: _id, usedAtMs: _at, keepUntilMs: _until, ...pattern }: PatternRow): Pattern {
  return pattern
}
