/**
 * `call.exportTrace()`: asks the worker for its last minutes and writes them down without names. Loaded when it is
 * called for the first time.
 */
import { LAYOUT_VERSION } from '../health/layout.js'
import type { Recording } from '../worker/recorder.js'
import { writeTrace } from '../worker/trace.js'
import type { CallCore } from './core.js'

/** The trace as text, for `npm run replay`. */
export function traceOf(recording: Recording, core: CallCore): string {
  const { me, providers } = core.options
  const others = [...(core.reading?.participants.values() ?? [])].map(({ id, name }) => [id, name])
  const names = {
    participants: [[me.id, ...(me.name === undefined ? [] : [me.name])], ...others],
    providers: providers.map(({ id }) => id),
  }
  return JSON.stringify(writeTrace(recording, names, LAYOUT_VERSION))
}
