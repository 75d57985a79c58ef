/**
 * Joins health to the call: tells it what to look at and what the others see, and takes its verdicts, the
 * peers' health, the heartbeat and the ticks that also run in hidden tabs.
 */
import { HoldfastError } from '../errors.js'
import { TICK_MS } from '../health/death.js'
import type { OtherSight } from '../health/sight-date.js'
import type { ConnectionVerdict, ProviderSignal } from '../health/verdict.js'
import { createHealth } from '../worker/health-loop.js'
import { startWorker, type WorkerHost } from '../worker/host.js'
import type { SampledConnection } from '../worker/sampler.js'
import { planRole } from './connection-role.js'
import type { PoolEntry } from './connections.js'
import type { CallCore } from './core.js'
import { AWAY_AFTER_MS } from './participants.js'
import { createPeerEvidence } from './peer-evidence.js'
import type { Reading } from './reading.js'
import type { CallSnapshot } from './snapshot.js'

/** A tick that comes later than this after the one before means that the page slept: judge nobody by it. */
const SLEEP_GAP_MS = 2 * AWAY_AFTER_MS

/** Health as the call uses it. */
export interface HealthLink {
  readonly worker: CallSnapshot['worker']
  start(): void
  signal(connectionId: string, signal: ProviderSignal): void
  /** The network may have changed: everything is read now, not at the next tick. */
  look(): void
  /** What the others see has changed: judged at once, not at the next tick. */
  sightChanged(): void
  /** The last minutes without names; null where none are kept. */
  exportTrace(): Promise<string | null>
  /** Main-thread milliseconds per peer and sample. @internal */
  costsMs(): readonly number[]
  stop(): void
}

/** What the link needs besides the call's parts, which are made later than itself. */
export interface HealthLinkOptions {
  readonly core: () => CallCore
  /** The latest reading; null before the first. */
  readonly reading: () => Reading | null
  /** Our own ticks stopped for so long that we must have slept. */
  readonly onSleep: () => void
}

/** Makes the link; the worker starts loading at `start()`, nobody waits for it. */
export function createHealthLink(options: HealthLinkOptions): HealthLink {
  const { core } = options
  let host: WorkerHost | null = null
  let isStopped = false
  let health: ReturnType<typeof createHealth> | null = null
  const evidence = createPeerEvidence(core)

  const onTick = tickOf(options)

  return {
    get worker() {
      return host?.kind ?? 'none'
    },
    start() {
      const { clock, document, events, options: call } = core()
      void loadDesk(core, () => isStopped)
      const starting = startWorker({
        clock,
        mode: call.worker,
        ...(call.workerUrl === undefined ? {} : { workerUrl: call.workerUrl }),
      }).then((started) => {
        host = started
        const { kind, fallbacks } = started
        call.logger.debug('health worker', { kind, fallbacks: `${fallbacks}` })
        if (kind === 'main' && call.worker !== kind)
          events.emit('warning', new HoldfastError('worker-unavailable'))
        core().requestRefresh()
        return started
      })
      health = createHealth({
        host: starting,
        clock,
        sources: () => sampledConnections(core(), options.reading()),
        getSight: () => othersSight(core(), options.reading()),
        getHeard: evidence.heard,
        onSuspicions: evidence.take,
        onMedia: evidence.onMedia,
        onVerdicts: (verdicts) => takeVerdicts(core(), verdicts),
        onPeerHealth(peers) {
          for (const [peer, value] of Object.entries(peers)) core().peerHealth.set(peer, value)
        },
        getFacts: () => core().desk?.facts() ?? null,
        onReport: (report) => core().desk?.take(report),
        onRisk: (report) => core().desk?.takeRisk(report),
        onBeat: () => document.beat(),
        onTick,
        probe: async (connectionId, limitMs) =>
          (await entryOf(core(), connectionId)?.connection?.probe?.(limitMs)) ?? null,
      })
      health.start()
    },
    signal(connectionId, signal) {
      health?.signal(connectionId, signal)
      if (signal.type === 'ice' && signal.state === 'disconnected') core().network.note('path')
    },
    look: () => health?.look(),
    sightChanged: () => health?.sightChanged(),
    exportTrace: () => exportOf(host, core()),
    costsMs: () => health?.costsMs() ?? [],
    stop() {
      health?.stop()
      core().desk?.stop()
      isStopped = true
    },
  }
}

/** What a call does at every tick, also in a hidden tab. */
function tickOf({ core, onSleep }: HealthLinkOptions): () => void {
  let lastTickAtMs: number | null = null
  let refreshedAtMs = Number.NEGATIVE_INFINITY
  return () => {
    const now = core().clock.now()
    if (lastTickAtMs !== null && now - lastTickAtMs > SLEEP_GAP_MS) onSleep()
    lastTickAtMs = now
    core().remote.look()
    core().loop?.poke()
    // In a rush ticks come ten times as often, and what they find out is told apart.
    if (now - refreshedAtMs < TICK_MS / 2) return
    refreshedAtMs = now
    core().requestRefresh()
  }
}

async function exportOf(host: WorkerHost | null, core: CallCore): Promise<string | null> {
  const recording = await host?.recording()
  if (!recording) return null
  const { traceOf } = await import('./export-trace.js')
  return traceOf(recording, core)
}

/** Loaded beside the start: a call is up long before its first alert can be raised. */
async function loadDesk(core: () => CallCore, isStopped: () => boolean): Promise<void> {
  try {
    const { createHealthDesk } = await import('./health-desk.js')
    if (!isStopped()) core().desk = createHealthDesk(core())
  } catch (error) {
    core().options.logger.debug('no detectors', { cause: String(error) })
  }
}

function entryOf(core: CallCore, connectionId: string): PoolEntry | undefined {
  return core.pool.entries().find((entry) => entry.id === connectionId)
}

function sampledConnections(core: CallCore, reading: Reading | null): readonly SampledConnection[] {
  if (reading === null) return []
  return core.pool.entries().flatMap((entry) => {
    if (entry.connection === null) return []
    const { id } = entry.provider
    const role = planRole(entry, reading)
    // Everybody has agreed to leave it and it is known dead: looking on would cost what the next one needs.
    if (role === 'retiring' && core.verdicts.get(entry.id)?.state === 'dead') return []
    // Elsewhere than on the agreed provider nobody promised to send anything yet.
    const expectsInbound = id === reading.agreed && reading.expected.size > 0
    return {
      connectionId: entry.id,
      provider: id,
      role,
      hasServer: entry.provider.capabilities.server,
      expectsInbound,
      expectsOutbound: entry.isPublishing && core.local.tracks().length > 0,
      entries: entry.connection.peerConnections?.() ?? [],
      tracks: [...entry.connection.tracks.values()],
      summary: () => entry.connection?.summary?.() ?? null,
    }
  })
}

function othersSight(core: CallCore, reading: Reading | null): readonly OtherSight[] {
  if (reading === null) return []
  return [...reading.participants.values()].flatMap(({ id, presence }) =>
    core.options.providers.flatMap((provider) => {
      const sight = presence.sight[provider.id]
      if (sight === undefined) return []
      return [{ participant: id, provider: provider.id, sight, heardAtMs: presence.heardAtMs }]
    }),
  )
}

function takeVerdicts(core: CallCore, verdicts: readonly ConnectionVerdict[]): void {
  for (const verdict of verdicts) {
    core.verdicts.set(verdict.connectionId, verdict)
    const entry = entryOf(core, verdict.connectionId)
    if (entry === undefined) core.verdicts.delete(verdict.connectionId)
    else noteSight(core, entry, verdict)
  }
  core.loop?.poke()
  core.requestRefresh()
}

function noteSight(core: CallCore, entry: PoolEntry, verdict: ConnectionVerdict): void {
  const { id } = entry.provider
  if (verdict.state === 'ok') core.sight.note(id, 'ok')
  else if (verdict.state === 'suspect') {
    // Silence alone may be the sender's; only a provider that does not answer is worth telling the others.
    const isProviderMute = verdict.evidence.some((key) => key === 'probe-timeout' || key === 'socket-closed')
    if (isProviderMute) core.sight.note(id, 'suspect')
  } else if (verdict.state === 'dead')
    core.sight.note(id, verdict.blame === 'provider' ? 'dead' : 'unreachable')
}
