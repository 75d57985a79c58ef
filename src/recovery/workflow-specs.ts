/** The workflows of a browser: which steps, in which order, and for how long. What the steps do is in `repair/workflows/`. */
import type { WorkflowSpec } from './workflow.js'

/** Their ids. */
export const WORKFLOW_IDS = ['provider-api', 'token-endpoint', 'storage', 'cache', 'rate-limit'] as const

/** One of {@link WORKFLOW_IDS}. */
export type WorkflowId = (typeof WORKFLOW_IDS)[number]

/** The app's token endpoint is asked again and again for so long. */
const TOKEN_LIMIT_MS = 30_000
/** A database that is blocked by a frozen tab is given up after this. */
const STORAGE_LIMIT_MS = 8_000
/** What happens in memory. */
const INSTANT_LIMIT_MS = 1_000
/** No server may hold up a person for longer, whatever it asks for. */
const PATIENCE_LIMIT_MS = 121_000

/** Every workflow by its id. */
export const WORKFLOWS: Readonly<Record<WorkflowId, WorkflowSpec>> = {
  /** A provider that nobody depends on answers with errors or not at all: it is left alone for a while. */
  'provider-api': {
    id: 'provider-api',
    steps: [
      { id: 'hold', hasUndo: true, timeoutMs: INSTANT_LIMIT_MS },
      { id: 'wait', timeoutMs: PATIENCE_LIMIT_MS },
      { id: 'readmit', timeoutMs: INSTANT_LIMIT_MS },
    ],
  },
  /** The token for such a provider is refused, or cannot be had: it is asked for until there is one. */
  'token-endpoint': {
    id: 'token-endpoint',
    steps: [
      { id: 'hold', hasUndo: true, timeoutMs: INSTANT_LIMIT_MS },
      { id: 'renew-token', timeoutMs: TOKEN_LIMIT_MS },
      { id: 'readmit', timeoutMs: INSTANT_LIMIT_MS },
    ],
  },
  /** The history fell back to memory. */
  storage: {
    id: 'storage',
    steps: [
      { id: 'reopen', isOptional: true, timeoutMs: STORAGE_LIMIT_MS },
      { id: 'check', isOptional: true, timeoutMs: STORAGE_LIMIT_MS },
      { id: 'migrate', isOptional: true, timeoutMs: STORAGE_LIMIT_MS },
      { id: 'memory', isFallback: true, timeoutMs: INSTANT_LIMIT_MS },
    ],
  },
  /** Some of what was learned cannot be read. */
  cache: {
    id: 'cache',
    steps: [
      { id: 'set-aside', hasUndo: true, timeoutMs: INSTANT_LIMIT_MS },
      { id: 'drop-corrupt', isOptional: true, timeoutMs: STORAGE_LIMIT_MS },
      { id: 'rebuild', timeoutMs: STORAGE_LIMIT_MS },
    ],
  },
  /** A server asked for patience (HTTP 429 or 503 with Retry-After). */
  'rate-limit': {
    id: 'rate-limit',
    steps: [
      { id: 'slow-down', hasUndo: true, timeoutMs: INSTANT_LIMIT_MS },
      { id: 'hold', hasUndo: true, timeoutMs: INSTANT_LIMIT_MS },
      { id: 'wait', timeoutMs: PATIENCE_LIMIT_MS },
      { id: 'readmit', timeoutMs: INSTANT_LIMIT_MS },
    ],
  },
}

/** What a page knows that may ask for a workflow. */
export interface WorkflowFacts {
  /** Connects that have just failed, to providers that do not carry the call. */
  readonly refused: readonly {
    readonly provider: string
    /** A code of `HoldfastError`. */
    readonly code: string
    /** How long the server wants to be left alone; null where it did not say. */
    readonly retryAfterMs: number | null
  }[]
  /** The history should be in the database and is in memory. */
  readonly isStoreLost: boolean
  /** Rows of what was learned that cannot be read. */
  readonly corruptRows: number
}

/** A workflow that should run; `subject` is the provider, or empty. */
export interface WantedWorkflow {
  readonly id: WorkflowId
  readonly subject: string
}

/** Which workflows the facts ask for; the right one of each refusal, and no two for one provider. */
export function wantedWorkflows({
  refused,
  isStoreLost,
  corruptRows,
}: WorkflowFacts): readonly WantedWorkflow[] {
  const wanted = new Map<string, WantedWorkflow>()
  for (const { provider, code, retryAfterMs } of refused) {
    const id = workflowFor(code, retryAfterMs)
    if (id !== null) wanted.set(provider, { id, subject: provider })
  }
  return [
    ...wanted.values(),
    ...(isStoreLost ? [{ id: 'storage', subject: '' } as const] : []),
    ...(corruptRows > 0 ? [{ id: 'cache', subject: '' } as const] : []),
  ]
}

function workflowFor(code: string, retryAfterMs: number | null): WorkflowId | null {
  if (retryAfterMs !== null) return 'rate-limit'
  if (code === 'provider-auth' || code === 'provider-token-expired') return 'token-endpoint'
  if (code === 'provider-server' || code === 'provider-network' || code === 'provider-timeout')
    return 'provider-api'
  return code === 'provider-full' ? 'rate-limit' : null
}
