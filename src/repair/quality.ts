/**
 * How much picture is sent: a ladder from full quality down to sound alone. Only encoders are told; the app's tracks
 * are never touched, nor is what people muted. What was taken down comes back up by itself, step by step, later each
 * time it turns out to be too early.
 */
import type { TrackSource } from '../providers/provider.js'
import { DONE, type Hand, refuse } from './hand.js'
import { tune, videoSendersOf } from './senders.js'
import type { HandsWorld, LiveConnection } from './world.js'

/** What an encoder is told at one step; what is missing is not limited. */
export interface QualityStep {
  readonly maxBps?: number
  readonly scaleDownBy?: number
  readonly maxFps?: number
  readonly isPaused?: true
}

/**
 * Fewer bits first: encoders make the best of them. Then a smaller picture, then a slower one. Sound alone is a third
 * of what the smallest picture takes.
 */
const CAMERA_STEPS: readonly QualityStep[] = [
  {},
  { maxBps: 600_000 },
  { maxBps: 350_000, scaleDownBy: 2 },
  { maxBps: 200_000, scaleDownBy: 2, maxFps: 15 },
  { maxBps: 100_000, scaleDownBy: 4, maxFps: 10 },
  { isPaused: true },
]
/** A screen has to stay readable, so it becomes slower and not smaller. */
const SCREEN_STEPS: readonly QualityStep[] = [
  {},
  { maxBps: 1_000_000, maxFps: 15 },
  { maxBps: 600_000, maxFps: 8 },
  { maxBps: 400_000, maxFps: 5 },
  { maxBps: 250_000, maxFps: 2 },
  { isPaused: true },
]
/** Number of the last step: sound alone. */
export const QUALITY_STEPS = CAMERA_STEPS.length - 1
/** A detector sees within this time whether a step was enough, and a second step at once would overshoot. */
const NEXT_STEP_MS = 4_000
/** What was too much a moment ago mostly still is after less. */
const UP_AFTER_MS = 20_000
/** Each time it was too early the next try comes later, up to this. */
const UP_AFTER_MAX_MS = 320_000

/** The ladder of one call. */
export interface Quality {
  readonly step: number
  /** Takes what is sent to a step, on every connection. */
  to(step: number): Promise<void>
  /** Connections came or went: those with tracks of ours follow. */
  refresh(): void
  /** Steps down until the incident is over, within the run. */
  readonly down: Hand
  readonly audioOnly: Hand
  readonly up: Hand
  close(): void
}

/** Makes it; nothing is limited at first. */
export function createQuality(world: HandsWorld): Quality {
  let step = 0
  /** What the step was taken for; it comes back only when all of that is over. */
  const causes = new Set<string>()
  let loweredAtMs = Number.NEGATIVE_INFINITY
  let upAfterMs = UP_AFTER_MS
  let cancelUp = (): void => undefined
  let hasLimited = false
  const told = new WeakMap<RTCRtpSender, number>()

  const refresh = async (): Promise<void> => {
    await Promise.all(world.connections().map((live) => apply(world, live, step, told)))
  }
  const to = async (next: number): Promise<void> => {
    step = Math.min(QUALITY_STEPS, Math.max(0, next))
    hasLimited = true
    cancelUp()
    if (step > 0) cancelUp = world.clock.after(upAfterMs, raise)
    await refresh()
    world.onQuality(step)
  }
  const raise = (): void => {
    for (const one of causes) if (world.isOver(one)) causes.delete(one)
    if (causes.size > 0) cancelUp = world.clock.after(upAfterMs, raise)
    else {
      raisedAtMs = world.clock.now()
      void to(step - 1)
    }
  }
  let raisedAtMs = Number.NEGATIVE_INFINITY
  const lower = async (next: number, incidentId: string): Promise<void> => {
    loweredAtMs = world.clock.now()
    const isTooEarly = loweredAtMs - raisedAtMs < upAfterMs
    upAfterMs = isTooEarly ? Math.min(upAfterMs * 2, UP_AFTER_MAX_MS) : UP_AFTER_MS
    causes.add(incidentId)
    await to(next)
  }
  /** One trouble is several incidents, of every sound and picture; the ladder is taken one step at a time all the same. */
  const lowerInTurn = async (incidentId: string): Promise<void> => {
    causes.add(incidentId)
    if (world.clock.now() - loweredAtMs >= NEXT_STEP_MS) await lower(step + 1, incidentId)
  }

  return {
    get step() {
      return step
    },
    to,
    refresh() {
      if (hasLimited) void refresh()
    },
    down: goingDown(world, () => step, lowerInTurn),
    audioOnly: {
      async act({ target }) {
        if (!canLimit(world)) return refuse('nothing-sent')
        await lower(QUALITY_STEPS, target.incidentId)
        return DONE
      },
      undo: () => to(QUALITY_STEPS - 1),
    },
    up: {
      async act() {
        if (step === 0) return refuse('full-quality')
        await to(step - 1)
        return DONE
      },
      undo: () => to(step + 1),
    },
    close: () => cancelUp(),
  }
}

/** Steps down until the incident is over or the smallest picture is reached. */
function goingDown(
  world: HandsWorld,
  stepNow: () => number,
  lower: (incidentId: string) => Promise<void>,
): Hand {
  return {
    async act({ target: { incidentId }, signal }) {
      if (!canLimit(world)) return refuse('nothing-sent')
      while (stepNow() < QUALITY_STEPS - 1 && !signal.aborted && !world.isOver(incidentId)) {
        await lower(incidentId)
        await pause(world, NEXT_STEP_MS, signal)
      }
      return DONE
    },
  }
}

/** What a source is told at a step. */
export function stepOf(source: TrackSource, step: number): QualityStep {
  return (source === 'screen' ? SCREEN_STEPS : CAMERA_STEPS)[step] ?? {}
}

function canLimit(world: HandsWorld): boolean {
  return world.connections().some((live) => videoSendersOf(live, world.local.tracks()).length > 0)
}

async function apply(
  world: HandsWorld,
  live: LiveConnection,
  step: number,
  told: WeakMap<RTCRtpSender, number>,
): Promise<void> {
  const due = videoSendersOf(live, world.local.tracks()).filter(
    ({ sender }) => (told.get(sender) ?? 0) !== step,
  )
  const sources = new Set(due.map(({ source }) => source))
  for (const { sender } of due) told.set(sender, step)
  // The adapter keeps caps over its own changes of parameters, so bits are left to it.
  await Promise.all(
    [...sources].map((source) =>
      live.connection.setSendCap?.(source, stepOf(source, step).maxBps ?? null).catch(() => undefined),
    ),
  )
  await Promise.all(
    due.map(({ sender, source }) => {
      const { scaleDownBy = 1, maxFps, isPaused = false } = stepOf(source, step)
      return tune(sender, (encoding) => {
        encoding.active = !isPaused
        encoding.scaleResolutionDownBy = scaleDownBy
        if (maxFps === undefined) delete encoding.maxFramerate
        else encoding.maxFramerate = maxFps
      })
    }),
  )
}

function pause({ clock }: HandsWorld, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.after(ms, finish)
    signal.addEventListener('abort', finish, { once: true })
  })
}
