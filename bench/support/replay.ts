/**
 * Runs recordings through the same engine as a call's worker: traces of `call.exportTrace()`, whose answers must come
 * out byte for byte, and what other tools recorded (rtcstats logs, webrtc-internals dumps), which have none to compare.
 */
import { reduceStats } from '../../src/health/reduce.js'
import { createWriter } from '../../src/worker/exact-json.js'
import { createHealthEngine } from '../../src/worker/health-engine.js'
import type { HealthEngine, HealthOutput, SampleBatch } from '../../src/worker/protocol.js'
import type { RecordedStep } from '../../src/worker/recorder.js'
import { readTrace } from '../../src/worker/trace.js'
import { readDump } from './dumps.js'

/** How a replay went. */
export interface Replay {
  readonly kind: 'trace' | 'dump'
  /** Inputs that were played. */
  readonly inputs: number
  /** Bytes of all answers. */
  readonly bytes: number
  /** The first input whose answer differs from the recorded one; null when none does. */
  readonly firstDifference: {
    readonly index: number
    readonly recorded: string
    readonly replayed: string
  } | null
  readonly outputs: readonly HealthOutput[]
}

/** Replays the text of a file. Throws a SyntaxError when it is of none of the three kinds. */
export function replay(text: string): Replay {
  const trace = traceIn(text)
  if (trace === null) return replayDump(text)
  const engine = createHealthEngine(trace.start)
  const pairs = trace.steps.map((step) => ({ recorded: textOf(step.output), output: answer(engine, step) }))
  const replayed = pairs.map(({ output }) => textOf(output))
  const index = pairs.findIndex(({ recorded }, at) => recorded !== replayed[at])
  return {
    kind: 'trace',
    inputs: pairs.length,
    bytes: replayed.reduce((sum, one) => sum + one.length, 0),
    firstDifference:
      index < 0 ? null : { index, recorded: pairs[index]?.recorded ?? '', replayed: replayed[index] ?? '' },
    outputs: pairs.map(({ output }) => output),
  }
}

/** An answer as text: the same text, the same answer to the last digit. */
function textOf(output: unknown): string {
  return JSON.stringify(createWriter()(output))
}

function traceIn(text: string): ReturnType<typeof readTrace> {
  // An rtcstats log is one value a line, which is no JSON as a whole.
  if (text.trimStart().startsWith('[')) return null
  return readTrace(JSON.parse(text))
}

function answer(engine: HealthEngine, { method, input }: RecordedStep): HealthOutput {
  const tell = engine[method] as (...all: readonly unknown[]) => HealthOutput
  return tell(...input)
}

/** Each peer connection is a connection of its own; what happened in between is not in such a file. */
function replayDump(text: string): Replay {
  const snapshots = readDump(text)
  const startMs = snapshots[0]?.atMs ?? 0
  const pcs = [...new Set(snapshots.map(({ pc }) => pc))]
  const play = (): HealthOutput[] => {
    const engine = createHealthEngine()
    return snapshots.map((snapshot) => engine.ingest(batchOf(snapshot, startMs, pcs)))
  }
  const outputs = play()
  const texts = outputs.map(textOf)
  const again = play().map(textOf)
  const index = texts.findIndex((one, at) => one !== again[at])
  return {
    kind: 'dump',
    inputs: texts.length,
    bytes: texts.reduce((sum, one) => sum + one.length, 0),
    firstDifference: index < 0 ? null : { index, recorded: texts[index] ?? '', replayed: again[index] ?? '' },
    outputs,
  }
}

/** One was read; the others are there and were not. */
function batchOf(
  { pc, atMs, entries }: ReturnType<typeof readDump>[number],
  startMs: number,
  pcs: readonly string[],
): SampleBatch {
  const head = { atMs: atMs - startMs, mediaAtMs: Number.NaN, costMs: 0 }
  const values = reduceStats(head, [{ pc: 1, role: 'both', entries, peerIndexOf: () => 0 }])
  const isReceiving = entries.some(({ type }) => type === 'inbound-rtp')
  const isSending = entries.some(({ type }) => type === 'outbound-rtp')
  return {
    atMs: head.atMs,
    isOnline: true,
    connections: pcs.map((id) => ({
      connectionId: id,
      provider: id,
      hasServer: true,
      isCurrent: true,
      expectsInbound: isReceiving,
      expectsOutbound: isSending,
      peers: ['peer'],
      values: id === pc ? values : null,
    })),
  }
}
