/**
 * Health as the call shell uses it: ticks of the worker drive the sampler, batches and signals go to the
 * engine, and its verdicts, probe requests and peer health come back as calls. Starts without waiting for the
 * worker; until it is there nothing is judged.
 */
import type { Clock } from '../clock.js'
import { PROBE_LIMIT_MS, TICK_MS } from '../health/death.js'
import type { PageFacts } from '../health/facts.js'
import type { PeerSuspicion } from '../health/peer-watch.js'
import type { HealthReport } from '../health/report.js'
import type { RiskReport } from '../health/risk.js'
import type { OtherSight } from '../health/sight-date.js'
import type { ConnectionVerdict, PeerHealth, ProviderSignal } from '../health/verdict.js'
import type { AsyncHealthEngine, WorkerHost } from './host.js'
import type { HealthOutput, PeersHeard, SampleBatch } from './protocol.js'
import { createSampler, type SampledConnection } from './sampler.js'

/** What {@link createHealth} needs. */
export interface HealthOptions {
  /** The running worker, or the promise of it. */
  readonly host: WorkerHost | Promise<WorkerHost>
  readonly clock: Clock
  /** All connections of the pool, asked for at each tick. */
  readonly sources: () => readonly SampledConnection[]
  /** What the others say they see, with when it was heard; asked for at each tick. */
  readonly getSight: () => readonly OtherSight[]
  /** Verdicts that changed. */
  readonly onVerdicts: (verdicts: readonly ConnectionVerdict[]) => void
  /** What was heard of the other participants until now; asked for at each tick. */
  readonly getHeard?: () => PeersHeard
  /** Participants of whom it is newly suspected, or no longer, that they are gone. */
  readonly onSuspicions?: (suspicions: readonly PeerSuspicion[]) => void
  /** When media of a participant was last known to arrive. */
  readonly onMedia?: (peer: string, atMs: number) => void
  /** What the page knows beside statistics; asked for with each batch, null: nothing new. */
  readonly getFacts?: () => PageFacts | null
  /** What the detectors say; about once a second, and whenever an alert comes or goes. */
  readonly onReport?: (report: HealthReport) => void
  /** How likely outages are; about once a second. */
  readonly onRisk?: (report: RiskReport) => void
  /** Health by participant id, about once a second. */
  readonly onPeerHealth: (peers: Readonly<Record<string, PeerHealth>>) => void
  /** Once a second by the worker's clock: send the heartbeat. */
  readonly onBeat: () => void
  /** After each tick, e.g. to look for media arrivals in a hidden tab. */
  readonly onTick?: () => void
  /** `Connection.probe`; resolve to null when the connection has none. A rejection counts as unanswered. */
  readonly probe: (connectionId: string, limitMs: number) => Promise<boolean | null>
}

/** The running health of a call. */
export interface Health {
  /** Begins; idempotent. */
  start(): void
  /** Evidence from an adapter; judged at once, before the next tick. */
  signal(connectionId: string, signal: ProviderSignal): void
  /** Reads everything at once, getStats too: something may have changed since the last tick. */
  look(): void
  /** Tells at once that what others see has changed, instead of at the next tick. */
  sightChanged(): void
  /** Main-thread milliseconds per peer of the latest samples. */
  costsMs(): readonly number[]
  /** Ends everything and closes the worker. */
  stop(): void
}

/** Heartbeat period: promised liveness is one second. */
export const BEAT_INTERVAL_MS = 1_000
/** A beat is not put off to the next tick for a few milliseconds. */
const BEAT_SLACK_MS = 60
/** A probe that ignores its own limit is called unanswered this much later. */
const PROBE_SLACK_MS = 50
/** Ticks that queued up behind a busy page are one tick. */
const TICK_MERGE_MS = 10

interface Loop {
  readonly options: HealthOptions
  host: WorkerHost | null
  tickMs: number
  wantsStats: boolean
  lastTickAtMs: number
  lastBeatAtMs: number
  /** What others see, as last told to the engine. */
  toldSight: string
  /** Asked for faster ticks here while the worker is loading is pointless; signals wait instead. */
  readonly early: { readonly connectionId: string; readonly signal: ProviderSignal; readonly atMs: number }[]
  /** The batch that is being made belongs to a tick, and peers are looked at in it. */
  isTicking: boolean
  isStarted: boolean
  isStopped: boolean
}

/** Makes the health of a call; nothing runs until `start()`. */
export function createHealth(options: HealthOptions): Health {
  const loop: Loop = {
    options,
    host: null,
    tickMs: TICK_MS,
    wantsStats: false,
    lastTickAtMs: Number.NEGATIVE_INFINITY,
    lastBeatAtMs: Number.NEGATIVE_INFINITY,
    toldSight: '',
    early: [],
    isTicking: false,
    isStarted: false,
    isStopped: false,
  }
  const sampler = createSampler({
    clock: options.clock,
    sources: options.sources,
    onBatch: (batch) => sendBatch(loop, batch),
    ...(options.onMedia ? { onMedia: options.onMedia } : {}),
  })
  return {
    start() {
      if (loop.isStarted || loop.isStopped) return
      loop.isStarted = true
      void Promise.resolve(options.host).then((host) => {
        if (loop.isStopped) return host.close()
        loop.host = host
        host.onTick(() => tick(loop, () => sampler.tick(loop.wantsStats)))
        for (const { connectionId, signal, atMs } of loop.early.splice(0))
          ask(loop, (engine) => engine.signal({ connectionId, signal, atMs }))
      })
    },
    signal(connectionId, signal) {
      const atMs = options.clock.now()
      if (!loop.host) {
        loop.early.push({ connectionId, signal, atMs })
        return
      }
      ask(loop, (engine) => engine.signal({ connectionId, signal, atMs }))
    },
    look() {
      if (loop.host && !loop.isStopped) sampler.tick(true)
    },
    sightChanged: () => sendSight(loop),
    costsMs: () => sampler.costsMs(),
    stop() {
      loop.isStopped = true
      sampler.stop()
      loop.host?.close()
      loop.host = null
    },
  }
}

function tick(loop: Loop, sample: () => void): void {
  const { clock, onBeat, onTick } = loop.options
  const nowMs = clock.now()
  if (loop.isStopped || nowMs - loop.lastTickAtMs < TICK_MERGE_MS) return
  loop.lastTickAtMs = nowMs
  sendSight(loop)
  loop.isTicking = true
  sample()
  loop.isTicking = false
  onTick?.()
  if (nowMs - loop.lastBeatAtMs < BEAT_INTERVAL_MS - BEAT_SLACK_MS) return
  loop.lastBeatAtMs = nowMs
  onBeat()
}

/** Only what is new: in a rush ticks come every 25 ms, and words of others once a second. */
function sendSight(loop: Loop): void {
  const sight = loop.options.getSight()
  const text = JSON.stringify(sight)
  if (!loop.host || text === loop.toldSight) return
  loop.toldSight = text
  ask(loop, (engine) => engine.sight(loop.options.clock.now(), sight))
}

function sendBatch(loop: Loop, batch: SampleBatch): void {
  const heard = loop.isTicking ? loop.options.getHeard?.() : undefined
  const facts = loop.options.getFacts?.() ?? undefined
  ask(loop, (engine) => engine.ingest({ ...batch, ...(heard && { heard }), ...(facts && { facts }) }))
}

function ask(loop: Loop, call: (engine: AsyncHealthEngine) => Promise<HealthOutput | null>): void {
  if (!loop.host || loop.isStopped) return
  void call(loop.host.engine).then((output) => {
    if (output && !loop.isStopped) carryOut(loop, output)
  })
}

function carryOut(loop: Loop, output: HealthOutput): void {
  loop.wantsStats = output.wantsStats
  if (output.nextTickMs !== loop.tickMs) {
    loop.tickMs = output.nextTickMs
    loop.host?.setTickMs(output.nextTickMs)
  }
  for (const { connectionId, limitMs } of output.probes) void runProbe(loop, connectionId, limitMs)
  if (output.verdicts.length > 0) loop.options.onVerdicts(output.verdicts)
  if (output.suspicions?.length) loop.options.onSuspicions?.(output.suspicions)
  if (output.peers) loop.options.onPeerHealth(output.peers)
  if (output.report) loop.options.onReport?.(output.report)
  if (output.risk) loop.options.onRisk?.(output.risk)
}

async function runProbe(loop: Loop, connectionId: string, limitMs = PROBE_LIMIT_MS): Promise<void> {
  const { clock, probe } = loop.options
  const askedAtMs = clock.now()
  const isAnswered = await new Promise<boolean | null>((resolve) => {
    const cancel = clock.after(limitMs + PROBE_SLACK_MS, () => resolve(false))
    const settle = (answer: boolean | null): void => {
      cancel()
      resolve(answer)
    }
    probe(connectionId, limitMs).then(settle, () => settle(false))
  })
  ask(loop, (engine) => engine.probed({ connectionId, atMs: clock.now(), isAnswered, askedAtMs }))
}
