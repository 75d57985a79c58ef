/**
 * Looks once a minute at how recovery and its history are doing, and says by a warning when they need somebody: see
 * `recovery/alarms.ts` for what is alarming.
 */
import { HoldfastError } from '../errors.js'
import type { Attempt } from '../history/attempt.js'
import { type Alarm, type AlarmFigures, type AlarmState, watchAlarms } from '../recovery/alarms.js'
import type { CallCore } from './core.js'

/** Alarms are about hours; a minute is soon enough. */
const LOOK_EVERY_MS = 60_000
/** Enough attempts for an hour that is alarming. */
const ATTEMPTS_MAX = 200

/** Starts looking; the result stops it. */
export function watchForAlarms(core: CallCore): () => void {
  let state: AlarmState = []
  let cancel = core.clock.after(LOOK_EVERY_MS, again)
  let isStopped = false
  function again(): void {
    void figuresOf(core).then((figures) => {
      if (isStopped) return
      const looked = watchAlarms(state, figures)
      state = looked.state
      for (const alarm of looked.raised) core.events.emit('warning', warningOf(alarm))
      cancel = core.clock.after(LOOK_EVERY_MS, again)
    })
  }
  return () => {
    isStopped = true
    cancel()
  }
}

/** The warning for an alarm: `details` say which, how much and what the limit is. */
export function warningOf({ kind, value, limit, unit }: Alarm): HoldfastError {
  return new HoldfastError('recovery-alarm', { details: { kind, value, limit, unit } })
}

async function figuresOf({ history, clock, options }: CallCore): Promise<AlarmFigures> {
  const startedAtMs = clock.now()
  const attempts = await history.list({ room: options.room, limit: ATTEMPTS_MAX })
  const queryMs = clock.now() - startedAtMs
  return { ended: attempts.flatMap(endOf), nowMs: clock.wallNow(), queryMs, storedBytes: await storedBytes() }
}

function endOf({ outcome, startedAtMs, durationMs }: Attempt): AlarmFigures['ended'] {
  if (outcome !== 'succeeded' && outcome !== 'failed') return []
  return [{ atMs: startedAtMs + (durationMs ?? 0), isSuccess: outcome === 'succeeded' }]
}

/** Of the whole origin, where the browser tells; most of it is seldom ours, so only a lot of it alarms. */
async function storedBytes(): Promise<number | null> {
  try {
    return (await navigator.storage.estimate()).usage ?? null
  } catch {
    // No storage manager, or none for this page: then nobody can say.
    return null
  }
}
