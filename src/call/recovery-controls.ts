/**
 * Recovery by hand: what `call.recovery` does once its desk is there. Everything that changes something is counted
 * against a limit and written to the audit; whatever moves the whole call needs a role that the admission token
 * grants. The check protects against mistakes of an app's users, not against a page that somebody has rewritten: what
 * such a page may do is decided by the agreement.
 */
import { HoldfastError } from '../errors.js'
import type { EventFacts } from '../history/archive-contract.js'
import type { IncidentKind, OpenIncident } from '../recovery/incident.js'
import { rebuild } from '../recovery/rebuild.js'
import type { StrategySpec } from '../recovery/strategy.js'
import { WORKFLOW_IDS, WORKFLOWS, type WorkflowId } from '../recovery/workflow-specs.js'
import type { BreakerKey } from '../repair/policies/breakers.js'
import type { DeskState } from './recovery-acts.js'
import type { RecoveryDesk, RecoveryRequest, RecoveryStatus } from './recovery-contract.js'
import { figuresOf, patternsOf } from './recovery-figures.js'
import { keep, keptOf } from './recovery-kept.js'
import { runWithPatience } from './recovery-run.js'

/** A person who clicks; a script in a loop is stopped. */
const MANUAL_MAX = 12
const MANUAL_WINDOW_MS = 60_000
/** As many attempts as statistics are made of; more would be read for nothing. */
const STATS_MAX = 10_000
/** More than anybody plans. */
const SCHEDULED_MAX = 32
/** Of a day: longer plans are the app's. */
const SCHEDULE_MAX_MS = 24 * 60 * 60 * 1000
const DEFAULT_ROLES: readonly string[] = ['admin']

/** The controls of one desk. */
export interface Controls {
  readonly api: RecoveryDesk['api']
  scheduled(): RecoveryStatus['scheduled']
  stop(): void
}

interface Plan {
  readonly atMs: number
  readonly request: RecoveryRequest
  cancel(): void
}

interface Control {
  readonly desk: DeskState
  readonly plans: Map<string, Plan>
  usedAtMs: readonly number[]
  count: number
}

/** Makes them. */
export function createControls(desk: DeskState): Controls {
  const control: Control = { desk, plans: new Map(), usedAtMs: [], count: 0 }
  const { core, book } = desk
  const history = async (limit?: number) =>
    core.history.list({ room: core.options.room, ...(limit === undefined ? {} : { limit }) })
  takeKept(control)
  return {
    api: {
      trigger: async (request) => trigger(control, request, 'manual'),
      cancel: async (id) => cancel(control, id ?? null),
      schedule: async (request) => schedule(control, request),
      setAutomatic: async (isOn) => {
        use(control, 'set-automatic', { isOn })
        set(control, 'automatic', isOn)
      },
      setEmergency: async (isOn) => {
        // Nobody is kept from stopping things.
        if (!isOn) use(control, 'set-emergency', { isOn })
        else audit(control, 'set-emergency', { isOn })
        set(control, 'emergency', isOn)
      },
      history: async (query) => history(query?.limit),
      stats: async () => figuresOf(core, await history(STATS_MAX)),
      patterns: async () => patternsOf(core),
      explain: async (id) => book.find(id),
      replay: async (atMs = Number.POSITIVE_INFINITY) =>
        rebuild(desk.log.events.filter((event) => event.atMs <= atMs)),
      run: async (task, options) => runWithPatience(core, task, options),
      breakers: {
        status: async () => core.guard?.breakers.status() ?? [],
        reset: async (key) => {
          use(control, 'breakers-reset', { key: key ?? null })
          core.guard?.breakers.reset(key as BreakerKey | undefined)
        },
      },
      workflows: workflowsOf(control),
      cache: {
        clear: async () => {
          use(control, 'cache-clear', {})
          book.clear()
          await core.experience?.reload()
        },
      },
      store: {
        reconnect: async () => {
          use(control, 'store-reconnect', {})
          await core.history.reconnect?.()
          core.requestRefresh()
          return core.history.mode
        },
      },
    },
    scheduled: () =>
      [...control.plans].map(([id, { atMs, request }]) => ({ id, atMs, strategy: request.strategy ?? null })),
    stop() {
      for (const plan of control.plans.values()) plan.cancel()
      control.plans.clear()
      keep(core.options.room, null)
    },
  }
}

function workflowsOf(control: Control): RecoveryDesk['api']['workflows'] {
  const { core } = control.desk
  return {
    status: async () => core.guard?.workflows.status() ?? [],
    async start(id, provider = '') {
      if (!WORKFLOW_IDS.includes(id)) throw refused('id', 'must name a workflow')
      const isAboutProvider = WORKFLOWS[id].steps.some((step) => step.id === 'readmit')
      if (isAboutProvider !== core.options.providers.some((one) => one.id === provider))
        throw refused('provider', isAboutProvider ? 'must name one of this call' : 'must be left out here')
      use(control, 'workflow-start', { id, provider })
      return core.guard?.workflows.start(id, provider, 'manual') ?? false
    },
    async cancel(id?: WorkflowId) {
      use(control, 'workflow-cancel', { id: id ?? null })
      core.guard?.workflows.cancel(id)
    },
  }
}

function trigger(control: Control, request: RecoveryRequest, by: 'manual' | 'scheduled'): string {
  const { desk } = control
  const spec = specOf(desk, request)
  const incident = incidentFor(control, request, spec)
  const kind = request.isEmergency ? 'emergency' : by
  const facts = { incident: incident.kind, strategy: request.strategy ?? null, kind }
  const isMove = spec?.reach === 'call'
  if (isMove && !hasRole(desk)) {
    audit(control, 'trigger-refused', facts)
    throw new HoldfastError('recovery-forbidden', { details: { strategy: spec.id } })
  }
  use(control, 'trigger', facts)
  desk.give({ type: 'trigger', incident, strategy: request.strategy ?? null, kind, mayMoveCall: isMove })
  desk.core.requestRefresh()
  return incident.id
}

function cancel(control: Control, id: string | null): number {
  const { desk, plans } = control
  audit(control, 'cancel', { id })
  let stopped = 0
  for (const [planId, plan] of plans) {
    if (id !== null && id !== planId) continue
    plan.cancel()
    plans.delete(planId)
    stopped += 1
  }
  const isOpen = (state: string): boolean => state === 'idle' || state === 'in-progress'
  for (const { incident, state } of desk.engine.recoveries.values())
    if ((id === null || id === incident.id) && isOpen(state)) stopped += 1
  if (stopped > 0) keepAll(control)
  desk.give({ type: 'cancel', incidentId: id })
  desk.core.requestRefresh()
  return stopped
}

function schedule(control: Control, { inMs, ...request }: RecoveryRequest & { readonly inMs: number }): string {
  const { desk, plans } = control
  if (!(inMs >= 0 && inMs <= SCHEDULE_MAX_MS)) throw refused('inMs', `must be 0 to ${SCHEDULE_MAX_MS}`)
  if (plans.size >= SCHEDULED_MAX) throw new HoldfastError('recovery-limited')
  const spec = specOf(desk, request)
  if (spec?.reach === 'call' && !hasRole(desk))
    throw new HoldfastError('recovery-forbidden', { details: { strategy: spec.id } })
  use(control, 'schedule', { strategy: request.strategy ?? null, inMs })
  return plan(control, request, inMs)
}

function plan(control: Control, request: RecoveryRequest, inMs: number): string {
  const { desk, plans } = control
  control.count += 1
  const id = `s${control.count}`
  const { clock, events } = desk.core
  const cancel = clock.after(inMs, () => {
    plans.delete(id)
    keepAll(control)
    try {
      trigger(control, request, 'scheduled')
    } catch (error) {
      // Nobody waits for it any more: whoever listens for errors learns why nothing happened.
      events.emit('warning', error as HoldfastError)
    }
  })
  plans.set(id, { atMs: clock.wallNow() + inMs, request, cancel })
  keepAll(control)
  return id
}

function set(control: Control, type: 'automatic' | 'emergency', isOn: boolean): void {
  const { desk } = control
  desk.log.write(type, { isOn })
  desk.give({ type, isOn })
  keepAll(control)
  desk.core.requestRefresh()
}

function keepAll({ desk, plans }: Control): void {
  const { isAutomatic, isEmergency } = desk.engine
  // An incident is of one page: its successor sees its own.
  const later = [...plans.values()].filter(({ request }) => request.incident === undefined)
  keep(desk.core.options.room, {
    isAutomatic,
    isEmergency,
    plans: later.map(({ atMs, request }) => ({ atMs, request })),
  })
}

/** As it was before the refresh; what became due meanwhile is done now. */
function takeKept(control: Control): void {
  const { desk } = control
  const { clock, options } = desk.core
  const kept = keptOf(options.room)
  if (kept === null) return
  if (kept.isAutomatic !== desk.engine.isAutomatic) set(control, 'automatic', kept.isAutomatic)
  if (kept.isEmergency) set(control, 'emergency', true)
  for (const { atMs, request } of kept.plans) plan(control, request, Math.max(0, atMs - clock.wallNow()))
}

/** The open incident that is meant, or one that nobody has detected. */
function incidentFor(control: Control, request: RecoveryRequest, spec: StrategySpec | null): OpenIncident {
  const { desk } = control
  if (request.incident !== undefined) {
    const known = desk.incidents.get(request.incident)
    if (known === null) throw refused('incident', 'names no open incident')
    return known
  }
  const kind: IncidentKind | undefined =
    request.kind ?? spec?.handles[0] ?? (spec ? 'quality-degradation' : undefined)
  if (kind === undefined) throw refused('request', 'must name an incident, a kind or a strategy')
  const { peer, media = null } = request
  const about = { type: peer === undefined ? 'me' : 'peer', id: peer ?? '', media } as const
  const open = desk.incidents.open.find(
    (one) => one.kind === kind && (peer === undefined || one.about.id === peer),
  )
  if (open) return open
  control.count += 1
  return {
    id: `m${control.count}`,
    kind,
    provider: desk.core.reading?.agreed ?? '',
    severity: 'medium',
    ...{ blame: 'nobody', culprit: 'nobody', confidence: 1, evidence: ['asked-for-by-hand'], about },
    ...{ alerts: [], value: null, sinceMs: desk.core.clock.now() },
  }
}

function specOf({ hands }: DeskState, { strategy }: RecoveryRequest): StrategySpec | null {
  if (strategy === undefined) return null
  const spec = hands.specs.find(({ id }) => id === strategy)
  if (spec === undefined) throw refused('strategy', 'is unknown')
  return spec
}

/** Without tokens nobody has a role, and nobody moves the call by hand from here. */
function hasRole({ core }: DeskState): boolean {
  const { document, options } = core
  const role = document.admissions().get(document.voter)?.role ?? null
  return role !== null && (options.recovery.roles ?? DEFAULT_ROLES).includes(role)
}

/** Counts one use against the limit and writes it down. */
function use(control: Control, action: string, facts: EventFacts): void {
  const now = control.desk.core.clock.now()
  control.usedAtMs = control.usedAtMs.filter((atMs) => now - atMs < MANUAL_WINDOW_MS)
  if (control.usedAtMs.length >= MANUAL_MAX) {
    audit(control, `${action}-limited`, facts)
    throw new HoldfastError('recovery-limited')
  }
  control.usedAtMs = [...control.usedAtMs, now]
  audit(control, action, facts)
}

function audit({ desk }: Control, action: string, facts: EventFacts): void {
  const { archive, options } = desk.core
  void archive?.audit.append({
    room: options.room,
    kind: `recovery-${action}`,
    participant: options.me.id,
    facts,
  })
}

function refused(field: string, problem: string): HoldfastError {
  return new HoldfastError('invalid-options', { message: `"${field}" ${problem}.`, details: { field } })
}
