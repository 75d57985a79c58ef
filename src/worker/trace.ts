/**
 * A recording of the health engine as a file that may be handed on, and back. Participants, providers and
 * connections get aliases (p1, v1, c1 ...) wherever they stand, and a text that looks like an address, a token or a
 * session description is taken out, should one ever get there. The engine's answers are part of the trace, so that
 * a replay can be compared with them.
 */
import type { Json } from '../json.js'
import { createReader, createWriter } from './exact-json.js'
import type { EngineState } from './health-engine.js'
import type { RecordedMethod, RecordedStep, Recording } from './recorder.js'

/** What a trace file holds. */
export interface Trace {
  readonly format: 'holdfast-trace'
  readonly version: 1
  /** Version of the array layout of its samples. */
  readonly layout: number
  /** How many participants have an alias. */
  readonly participants: number
  /** The engine's memory when it begins. */
  readonly start: Json
  /** Inputs and answers, in order. */
  readonly steps: readonly (readonly [method: RecordedMethod, input: Json, output: Json])[]
}

/** Who is in a call; everything that could name somebody. */
export interface TraceNames {
  /** Of each: the id and the name that is shown. */
  readonly participants: readonly (readonly string[])[]
  readonly providers: readonly string[]
}

/** What does not belong into a trace: session descriptions, candidates, addresses, signed tokens. */
const SECRET =
  /\bv=0\b|\ba=[a-z]+:|candidate:|\b\d{1,3}(?:\.\d{1,3}){3}\b|(?:[0-9a-f]{0,4}:){4,}[0-9a-f]{0,4}|\beyJ[\w-]+\.|:\/\//i
/** What stands where it was. */
const TAKEN_OUT = 'redacted'

/** Writes a recording down. */
export function writeTrace({ start, steps }: Recording, names: TraceNames, layout: number): Trace {
  const connections = new Set<string>()
  for (const { method, input } of steps) if (method === 'ingest') connectionsOf(input[0], connections)
  const hide = hider(names, [...connections])
  const write = createWriter()
  return {
    format: 'holdfast-trace',
    version: 1,
    layout,
    participants: names.participants.length,
    start: hide(write(start)),
    steps: steps.map(({ method, input, output }) => [method, hide(write(input)), hide(write(output))]),
  }
}

/** Reads one; null when it is none, or of another version. */
export function readTrace(value: unknown): Recording | null {
  const trace = value as Partial<Trace> | null
  if (trace?.format !== 'holdfast-trace' || trace.version !== 1 || !Array.isArray(trace.steps)) return null
  const read = createReader()
  const start = read(trace.start ?? null) as EngineState
  const steps = (trace as Trace).steps.map(
    ([method, input, output]) => ({ method, input: read(input), output: read(output) }) as RecordedStep,
  )
  return { start, steps }
}

function connectionsOf(batch: unknown, found: Set<string>): void {
  const { connections } = batch as { readonly connections: readonly { readonly connectionId: string }[] }
  for (const { connectionId } of connections) found.add(connectionId)
}

/** Replaces names wherever they stand as a whole word: in values, in keys and inside texts. */
function hider(names: TraceNames, connections: readonly string[]): (value: Json) => Json {
  const aliases = new Map<string, string>()
  const add = (prefix: string, all: readonly (readonly string[])[]): void => {
    for (const [index, words] of all.entries())
      for (const word of words) aliases.set(word, `${prefix}${index + 1}`)
  }
  add(
    'c',
    connections.map((id) => [id]),
  )
  add(
    'v',
    names.providers.map((id) => [id]),
  )
  add('p', names.participants)
  aliases.delete('')
  // The longest first: a connection's id may begin with its provider's.
  const words = [...aliases.keys()].sort((a, b) => b.length - a.length).map(escaped)
  const pattern =
    words.length === 0
      ? null
      : new RegExp(`(?<![\\p{L}\\p{N}_])(?:${words.join('|')})(?![\\p{L}\\p{N}_])`, 'gu')
  const hideText = (text: string): string => {
    const hidden = pattern === null ? text : text.replace(pattern, (word) => aliases.get(word) ?? word)
    return SECRET.test(hidden) ? TAKEN_OUT : hidden
  }
  const hide = (value: Json): Json => {
    if (typeof value === 'string') return hideText(value)
    if (Array.isArray(value)) return value.map(hide)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [hideText(key), hide(one as Json)]))
  }
  return hide
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
