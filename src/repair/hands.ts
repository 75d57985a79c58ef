/**
 * Carries strategies out: counts what flows, does the one thing, then watches frames and packets until what flowed
 * before flows again. A run that cannot show that has failed, whatever the browser says of its connections. Nothing
 * here throws, and nothing decides: the engine chooses.
 */
import type { IncidentKind } from '../recovery/incident.js'
import type { Abilities, Proof, StrategyId, StrategySpec, Target } from '../recovery/strategy.js'
import { STRATEGIES } from '../recovery/strategy-specs.js'
import { grantAsks } from './asks.js'
import { codecChange } from './codec.js'
import { hasCodecChoice } from './codec-choice.js'
import { type AppStrategy, handOf, specOf } from './define-strategy.js'
import { createDevices, type Devices } from './device.js'
import { createFlowBook, type FlowBook } from './flow-book.js'
import type { Hand, HandContext } from './hand.js'
import { iceRestart, reconnect, refreshToken, relayOnly, switchProvider } from './path.js'
import { askUser, rebuildControlPlane, wait } from './patience.js'
import { createQuality, QUALITY_STEPS, type Quality } from './quality.js'
import { keyFrame, resubscribe } from './receiving.js'
import { hasJitterBuffer, isHeldBack, receiversOf, resyncGentle, resyncMedium } from './resync.js'
import { stepProof } from './step-proof.js'
import type { HandsWorld, LiveConnection } from './world.js'

/** How a run ended. */
export interface RunResult {
  readonly outcome: 'succeeded' | 'failed' | 'cancelled'
  /** Stable key: `flowing`, `over`, or why not, e.g. `timeout`, `no-token`, the code of an error. */
  readonly why: string
  readonly ranMs: number
  /** How long media stood still within the run; null where it did not, or nobody can tell. */
  readonly gapMs: number | null
}

/** See the module comment. */
export interface Hands {
  /** Built-in strategies and those of the app, in fixed priority. */
  readonly specs: readonly StrategySpec[]
  /** What can be done to a target now; cheap and synchronous. */
  look(target: Target): Abilities
  /** Runs a strategy and proves it; settles soon after `signal` aborts. */
  run(strategy: string, target: Target, signal: AbortSignal): Promise<RunResult>
  /** Takes back what a strategy did, where it has an undo. */
  undo(strategy: string, target: Target): Promise<RunResult>
  /** Call it after each change of the call: limits follow to new connections. */
  refresh(): void
  close(): void
}

/** Media flows all the time while these last, so that frames prove nothing: only their end does. */
const DEGRADATIONS: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  'sync-loss',
  'packet-loss',
  'buffer-overflow',
  'quality-degradation',
  'resource-exhaustion',
])
/** A proof is looked for this often: three frames. */
const LOOK_EVERY_MS = 100
/** An undo that takes longer than this is left to end by itself. */
const UNDO_LIMIT_MS = 5_000

/** Makes the hands of one call. */
export function createHands(world: HandsWorld, apps: readonly AppStrategy[] = []): Hands {
  const quality = createQuality(world)
  const devices = createDevices(world)
  const book = createFlowBook(world)
  const hands = handTable(quality, devices, apps)
  const specs = [...STRATEGIES.filter(({ id }) => !apps.some((app) => app.id === id)), ...apps.map(specOf)]
  const stopGranting = grantAsks(world)

  return {
    specs,
    look: (target) => ({
      ...abilitiesOf(world, liveOf(world, target), target),
      qualityStep: quality.step,
      device: devices.stateOf(target.media),
    }),
    run(strategy, target, signal) {
      const spec = specs.find(({ id }) => id === strategy)
      const hand = hands.get(strategy)
      if (spec === undefined || hand === undefined)
        return Promise.resolve({ outcome: 'failed', why: 'unknown-strategy', ranMs: 0, gapMs: null })
      return run({ world, book, spec, hand, target }, signal)
    },
    undo: (strategy, target) => undo(world, hands.get(strategy), target),
    refresh: () => quality.refresh(),
    close() {
      stopGranting()
      quality.close()
      devices.close()
    },
  }
}

/** The hand of every strategy. */
function handTable(
  quality: Quality,
  devices: Devices,
  apps: readonly AppStrategy[],
): ReadonlyMap<string, Hand> {
  const builtIn: Readonly<Record<StrategyId, Hand>> = {
    'refresh-token': refreshToken,
    'key-frame': keyFrame,
    'resync-gentle': resyncGentle,
    'resync-medium': resyncMedium,
    'resync-full': resubscribe,
    'rebuild-receive': resubscribe,
    'quality-down': quality.down,
    'audio-only': quality.audioOnly,
    'quality-up': quality.up,
    'reacquire-device': devices.reacquire,
    'rebuild-control-plane': rebuildControlPlane,
    'ice-restart': iceRestart,
    'codec-change': codecChange,
    reconnect,
    'relay-only': relayOnly,
    'switch-provider': switchProvider,
    wait,
    'ask-user': askUser,
  }
  return new Map([...Object.entries(builtIn), ...apps.map((app) => [app.id, handOf(app)] as const)])
}

interface Run {
  readonly world: HandsWorld
  readonly book: FlowBook
  readonly spec: StrategySpec
  readonly hand: Hand
  readonly target: Target
}

type End = (outcome: RunResult['outcome'], why: string, gapMs?: number | null) => RunResult

function timed({ clock }: HandsWorld): End {
  const startedAtMs = clock.now()
  return (outcome, why, gapMs = null) => ({ outcome, why, gapMs, ranMs: clock.now() - startedAtMs })
}

async function run({ world, book, spec, hand, target }: Run, signal: AbortSignal): Promise<RunResult> {
  const live = liveOf(world, target)
  const end = timed(world)
  const needsConnection = spec.reach === 'track' || spec.reach === 'connection'
  if (live === null && needsConnection) return end('failed', 'no-connection')
  const limit = limitOf(world, spec.timeoutMs, signal)
  try {
    const context: HandContext = { world, target, live: live ?? NO_CONNECTION, signal: limit.signal }
    return await orAbort(limit.signal, perform(hand, spec.proof, context, book, end))
  } catch (error) {
    if (signal.aborted) return end('cancelled', 'cancelled')
    return end('failed', limit.signal.aborted ? 'timeout' : whyOf(error))
  } finally {
    limit.stop()
  }
}

async function undo(world: HandsWorld, hand: Hand | undefined, target: Target): Promise<RunResult> {
  const live = liveOf(world, target)
  const end = timed(world)
  if (hand?.undo === undefined || live === null) return end('failed', 'no-undo')
  const limit = limitOf(world, UNDO_LIMIT_MS)
  try {
    await orAbort(limit.signal, hand.undo({ world, target, live, signal: limit.signal }))
    return end('succeeded', 'undone')
  } catch (error) {
    return end('failed', whyOf(error))
  } finally {
    limit.stop()
  }
}

/** Does it, then waits for the proof. */
async function perform(
  hand: Hand,
  proof: Proof,
  context: HandContext,
  book: FlowBook,
  end: End,
): Promise<RunResult> {
  const { world, target, live, signal } = context
  const isMediaProof = proof !== 'incident' && !DEGRADATIONS.has(target.kind)
  const before = live === NO_CONNECTION ? null : await book.read(live, target)
  const isInStep = await stepProof(live === NO_CONNECTION ? null : live, target)
  const actedAtMs = world.clock.now()
  const done = await hand.act(context)
  if (done.refused !== undefined) return end('failed', done.refused)
  const after = (): LiveConnection | null =>
    done.connectionId === undefined
      ? liveOf(world, target)
      : (world.connections().find(({ id }) => id === done.connectionId) ?? null)
  const base = before === null ? null : await book.base(before, after(), target, done.freshness ?? 'any')
  let wasStill = false
  while (!signal.aborted) {
    const found = base === null ? 'flowing' : await book.judge(base, after(), target)
    if (found === 'dead') return end('failed', 'dead')
    const isOver = isMediaProof || (world.isOver(target.incidentId) && (await isInStep(after())))
    if (found === 'flowing' && isOver) {
      const gapMs = wasStill && isMediaProof ? world.clock.now() - actedAtMs : null
      return end('succeeded', isMediaProof ? 'flowing' : 'over', gapMs)
    }
    wasStill ||= found === 'not-yet'
    await new Promise<void>((resolve) => void world.clock.after(LOOK_EVERY_MS, resolve))
  }
  return end('failed', 'timeout')
}

/** For strategies that touch no connection, where there is none. */
const NO_CONNECTION = {} as LiveConnection

function liveOf(world: HandsWorld, { connectionId, provider }: Target): LiveConnection | null {
  const all = world.connections()
  return (
    all.find(({ id }) => id === connectionId) ??
    all.find((live) => live.provider === provider) ??
    all[0] ??
    null
  )
}

function abilitiesOf(
  world: HandsWorld,
  live: LiveConnection | null,
  { peer }: Target,
): Omit<Abilities, 'qualityStep' | 'device'> {
  const controlPlane = world.hasLinks()
  if (live === null) return { ...NOTHING, controlPlane }
  const { capabilities, connection } = live
  const receivers = receiversOf(connection.tracks.values(), peer)
  const sends = world.local.tracks().some(({ track }) => track.kind === 'video')
  const canLimit = connection.peerConnections !== undefined && sends
  return {
    isConnected: connection.status.state === 'connected',
    isFlowing: connection.tracks.size > 0,
    keyFrame: capabilities.keyFrame !== 'none' && peer !== null,
    iceRestart: connection.restartIce !== undefined,
    resubscribe: connection.resubscribe !== undefined,
    resubscribesBeside: capabilities.resubscribe === 'beside',
    codecs: hasCodecChoice(live, peer, world),
    renewToken: capabilities.server,
    relayOnly: world.hasRelay && capabilities.relayOnly === true && !live.isRelayOnly,
    jitterBuffer: hasJitterBuffer(receivers),
    isHeldBack: isHeldBack(receivers),
    qualitySteps: canLimit ? QUALITY_STEPS : 0,
    controlPlane,
  }
}

const NOTHING: Omit<Abilities, 'qualityStep' | 'device'> = {
  isConnected: false,
  isFlowing: false,
  keyFrame: false,
  iceRestart: false,
  resubscribe: false,
  resubscribesBeside: false,
  codecs: false,
  renewToken: false,
  relayOnly: false,
  jitterBuffer: false,
  isHeldBack: false,
  qualitySteps: 0,
  controlPlane: false,
}

/** Aborts with `signal`, or when the time is up. */
function limitOf(
  { clock }: HandsWorld,
  limitMs: number,
  signal?: AbortSignal,
): { readonly signal: AbortSignal; stop(): void } {
  const ending = new AbortController()
  const onAbort = (): void => ending.abort()
  const cancel = clock.after(limitMs, onAbort)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) ending.abort()
  return {
    signal: ending.signal,
    stop() {
      cancel()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** A hand that hangs is left behind when the time is up. */
function orAbort<Value>(signal: AbortSignal, task: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Error('aborted'))
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    task.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function whyOf(error: unknown): string {
  const code: unknown = (error as { readonly code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'error'
}
