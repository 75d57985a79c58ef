/** What the steps of the browser's workflows do, over what the call gives them. */
import type { Clock } from '../../clock.js'
import type { WorkflowId } from '../../recovery/workflow-specs.js'
import type { StepHand, StepHands } from './run-workflow.js'

/** What the steps work on. */
export interface WorkflowWorld {
  readonly clock: Clock
  /** A provider is not dialled until it is released; releasing one that is not held does nothing. */
  hold(provider: string): void
  release(provider: string): void
  /** From now on it is dialled less often; the result takes that back. */
  slowDown(provider: string): () => void
  /** How long to leave a provider alone: what it asked for, or what the policy says. */
  patienceMs(provider: string): number
  /** Asks the app for a token. */
  token(provider: string): Promise<unknown>
  readonly store: {
    reconnect(): Promise<boolean>
    isReadable(): Promise<boolean>
    isMigrated(): Promise<boolean>
  }
  readonly cache: {
    /** Keeps what is in memory aside; the result puts it back. */
    setAside(): () => void
    dropCorrupt(): Promise<number>
    /** Reads what was learned anew. */
    rebuild(): Promise<boolean>
  }
}

/** Nobody waits for longer, whatever a server asks for. */
const PATIENCE_MAX_MS = 120_000
/** First pause between two questions for a token; doubles. */
const TOKEN_PAUSE_FIRST_MS = 500
/** An endpoint that comes back is noticed within this time. */
const TOKEN_PAUSE_MAX_MS = 8_000

/** The hands of a workflow for a subject. */
export function stepsOf(id: WorkflowId, subject: string, world: WorkflowWorld): StepHands {
  if (id === 'storage') return storeSteps(world)
  if (id === 'cache') return cacheSteps(world)
  return providerSteps(subject, world)
}

function providerSteps(provider: string, world: WorkflowWorld): StepHands {
  let backToSpeed: (() => void) | null = null
  const release = (): true => {
    world.release(provider)
    return true
  }
  return {
    hold: {
      ...instantly(() => world.hold(provider)),
      undo: async () => release(),
    },
    'slow-down': {
      ...instantly(() => {
        backToSpeed = world.slowDown(provider)
      }),
      async undo() {
        backToSpeed?.()
        return true
      },
    },
    wait: {
      async run(signal) {
        await pause(world.clock, Math.min(PATIENCE_MAX_MS, world.patienceMs(provider)), signal)
        return !signal.aborted
      },
    },
    'renew-token': { run: (signal) => renewToken(provider, world, signal) },
    readmit: instantly(release),
  }
}

async function renewToken(provider: string, world: WorkflowWorld, signal: AbortSignal): Promise<boolean> {
  for (let waitMs = TOKEN_PAUSE_FIRST_MS; !signal.aborted; waitMs = Math.min(TOKEN_PAUSE_MAX_MS, 2 * waitMs)) {
    try {
      await world.token(provider)
      return true
    } catch {
      // The endpoint is what this is about: it is asked again until the time is over.
      await pause(world.clock, waitMs, signal)
    }
  }
  return false
}

function storeSteps({ store }: WorkflowWorld): StepHands {
  return {
    reopen: { run: () => store.reconnect() },
    check: { run: () => store.isReadable() },
    migrate: { run: () => store.isMigrated() },
    // The history has gone on in memory all the time; there is nothing to do but to be content with it.
    memory: instantly(() => undefined),
  }
}

function cacheSteps({ cache }: WorkflowWorld): StepHands {
  let putBack: (() => void) | null = null
  return {
    'set-aside': {
      ...instantly(() => {
        putBack = cache.setAside()
      }),
      async undo() {
        putBack?.()
        return true
      },
    },
    'drop-corrupt': {
      async run() {
        await cache.dropCorrupt()
        return true
      },
    },
    rebuild: { run: () => cache.rebuild() },
  }
}

function instantly(work: () => unknown): StepHand {
  return {
    async run() {
      work()
      return true
    },
  }
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.after(signal.aborted ? 0 : delayMs, finish)
    signal.addEventListener('abort', finish, { once: true })
  })
}
