/**
 * Keeps what an engine was told of late and what it said, so that the last minutes can be exported and replayed.
 * Two segments, each with the engine's memory at its beginning: when one is full the older one is dropped. Costs a
 * few references for each input; nothing is copied before somebody asks.
 */
import type { EngineState, StatefulEngine } from './health-engine.js'
import type { HealthEngine, HealthOutput } from './protocol.js'

/** One input with its answer. */
export type RecordedStep = {
  readonly [Method in RecordedMethod]: {
    readonly method: Method
    readonly input: readonly unknown[]
    readonly output: HealthOutput
  }
}[RecordedMethod]

/** Inputs of an engine. */
export type RecordedMethod = 'ingest' | 'signal' | 'probed' | 'sight'

/** The memory at a moment and everything since. */
export interface Recording {
  readonly start: EngineState
  readonly steps: readonly RecordedStep[]
}

/** An engine whose inputs are kept. */
export interface RecordedEngine extends HealthEngine {
  /** Null in builds that keep none. */
  recording(): Recording | null
}

interface Segment {
  readonly start: EngineState
  readonly steps: RecordedStep[]
}

/** Inputs in one segment: about four minutes of a call with its pulses, sights and samples. */
const SEGMENT_STEPS = 2_400

/** Records an engine; between one and two segments are kept. */
export function recorded(engine: StatefulEngine, segmentSteps = SEGMENT_STEPS): RecordedEngine {
  let older: Segment | null = null
  let newer: Segment = { start: engine.state, steps: [] }
  const keep = <Input extends readonly unknown[]>(
    method: RecordedMethod,
    tell: (...input: Input) => HealthOutput,
  ): ((...input: Input) => HealthOutput) => {
    return (...input) => {
      if (newer.steps.length >= segmentSteps) {
        older = newer
        newer = { start: engine.state, steps: [] }
      }
      const output = tell(...input)
      newer.steps.push({ method, input, output })
      return output
    }
  }
  return {
    ingest: keep('ingest', engine.ingest),
    signal: keep('signal', engine.signal),
    probed: keep('probed', engine.probed),
    sight: keep('sight', engine.sight),
    recording: () => ({
      start: older?.start ?? newer.start,
      steps: [...(older?.steps ?? []), ...newer.steps],
    }),
  }
}
