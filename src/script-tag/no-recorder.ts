/** Stands in for `worker/recorder.ts` in the script-tag file, which exports no traces: nothing is kept. */
import type { StatefulEngine } from '../worker/health-engine.js'
import type { RecordedEngine } from '../worker/recorder.js'

/** As in `worker/recorder.ts`. */
export function recorded(engine: StatefulEngine): RecordedEngine {
  return { ...engine, recording: () => null }
}
