/** What the workflows work on in a call: how long providers are left alone, the history, and what was learned. */
import { corruptPatterns, dropCorruptPatterns, isMigrated, isReadable } from '../history/integrity.js'
import type { WorkflowFacts } from '../recovery/workflow-specs.js'
import type { WorkflowWorld } from '../repair/workflows/steps.js'
import type { CallCore } from './core.js'

/** How long providers are left alone. */
export interface Holds {
  holdMs(provider: string): number
  /** For how long it still wants to be left alone. */
  askedMs(provider: string): number
  /** The provider asked to be left alone for so long. */
  asked(provider: string, retryAfterMs: number): void
  /** A connect to it has begun. */
  dialled(provider: string): void
}

/** No provider is held for longer, whatever it asks for or whatever workflow forgot it. */
const HOLD_MAX_MS = 120_000
/** A provider whose API fails without saying for how long is left alone for so long. */
const PATIENCE_MS = 3_000
/** One dial in this time is what a server that asked for patience gets. */
const SLOW_EVERY_MS = 10_000
/** And for so long. */
const SLOW_FOR_MS = 600_000
/** Rows seldom break: every twentieth look, ten minutes, reads what was learned. */
const LOOKS_PER_READING = 20

interface Hold {
  /** By a workflow, until it releases it. */
  heldUntilMs: number
  /** By its own wish. */
  askedUntilMs: number
  slowUntilMs: number
  dialledAtMs: number
}

/** Makes it. */
export function createWorkflowWorld(core: CallCore): {
  readonly world: WorkflowWorld
  readonly holds: Holds
  readonly facts: () => Promise<WorkflowFacts>
} {
  const { clock, history } = core
  const holds = new Map<string, Hold>()
  let looks = 0
  const get = (provider: string): Hold => {
    const hold = holds.get(provider) ?? {
      heldUntilMs: 0,
      askedUntilMs: 0,
      slowUntilMs: 0,
      dialledAtMs: Number.NEGATIVE_INFINITY,
    }
    holds.set(provider, hold)
    return hold
  }
  return {
    world: {
      clock,
      hold(provider) {
        get(provider).heldUntilMs = clock.now() + HOLD_MAX_MS
      },
      release(provider) {
        get(provider).heldUntilMs = 0
        core.requestRefresh()
      },
      slowDown(provider) {
        const hold = get(provider)
        const before = hold.slowUntilMs
        hold.slowUntilMs = clock.now() + SLOW_FOR_MS
        return () => {
          hold.slowUntilMs = before
        }
      },
      patienceMs: (provider) => Math.max(PATIENCE_MS, get(provider).askedUntilMs - clock.now()),
      token: (provider) => core.options.token(provider),
      store: {
        reconnect: async () => (await history.reconnect?.()) ?? false,
        isReadable: () => isReadable(history),
        isMigrated: () => isMigrated(history),
      },
      cache: {
        setAside: () => core.experience?.setAside() ?? (() => undefined),
        dropCorrupt: () => dropCorruptPatterns(history),
        rebuild: async () => (await core.experience?.reload()) ?? false,
      },
    },
    holds: {
      holdMs(provider) {
        const hold = holds.get(provider)
        if (hold === undefined) return 0
        const now = clock.now()
        const slowMs = now < hold.slowUntilMs ? hold.dialledAtMs + SLOW_EVERY_MS - now : 0
        return Math.max(0, hold.heldUntilMs - now, hold.askedUntilMs - now, slowMs)
      },
      askedMs: (provider) => Math.max(0, (holds.get(provider)?.askedUntilMs ?? 0) - clock.now()),
      asked(provider, retryAfterMs) {
        get(provider).askedUntilMs = clock.now() + Math.min(HOLD_MAX_MS, retryAfterMs)
      },
      dialled(provider) {
        get(provider).dialledAtMs = clock.now()
      },
    },
    async facts() {
      const isReading = core.experience !== null && looks % LOOKS_PER_READING === 0
      looks += 1
      return {
        refused: [],
        isStoreLost: core.options.history === 'indexeddb' && history.mode === 'memory',
        corruptRows: isReading ? (await corruptPatterns(history)).length : 0,
      }
    },
  }
}
