/**
 * The compact form of recordings. A page's ticks become a table with one column per scalar (stats are told
 * apart by connection and id); numbers are quantised and written as differences in variable length, the rest as
 * lists of changes, and Brotli packs the whole. About 250 bytes per tick instead of 15 kB of JSON.
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import type { RecordedPage, Recording, Tick } from './recording.js'

type Scalar = number | string | boolean | null
type Tree = { [key: string]: Tree | Scalar }

interface Column {
  readonly path: string
  /** Numbers: the quantum; null: a list of changes in `changes`. */
  readonly quantum: number | null
  readonly changes?: readonly (readonly [number, Scalar])[]
}

interface PageHead {
  readonly id: string
  readonly connections: RecordedPage['connections']
  readonly ticks: number
  readonly columns: readonly Column[]
}

interface FileHead {
  readonly recording: Omit<Recording, 'pages'>
  readonly pages: readonly PageHead[]
}

/** Between the parts of a column's path; no id or field contains it. */
const SEPARATOR = '|'
/** Coarser than any use: rates and estimates in bit/s. */
const COARSE = /itrate$/
/** Energy of quiet speech grows by a few of these in a tick. */
const FINE = /Energy$/
/** Sums over frames or, for sound, over samples, of which thousands come in a tick. */
const SUMMED = /jitterBuffer(?:Target)?Delay$/
const SUM_QUANTUM = 1e-3
/** Fields of stats entries that are times. */
const TIMES = ['timestamp', 'lastPacketReceivedTimestamp', 'estimatedPlayoutTimestamp', 'remoteTimestamp']
/** Durations in seconds to a tenth of a millisecond. */
const FRACTION_QUANTUM = 1e-4

/** Packs a recording. */
export function encodeRecording(recording: Recording): Uint8Array {
  const { pages, ...rest } = recording
  const numbers: number[] = []
  const head: FileHead = {
    recording: rest,
    pages: pages.map((page) => ({
      id: page.id,
      connections: page.connections,
      ticks: page.ticks.length,
      columns: columnsOf(page.ticks.map(treeOf), numbers),
    })),
  }
  const text = Buffer.from(JSON.stringify(head))
  const size = Buffer.alloc(4)
  size.writeUInt32LE(text.length)
  return brotliCompressSync(Buffer.concat([size, text, varints(numbers)]), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 },
  })
}

/** Unpacks one; throws what JSON or Brotli throw when the bytes are not one. */
export function decodeRecording(bytes: Uint8Array): Recording {
  const all = brotliDecompressSync(bytes)
  const length = all.readUInt32LE(0)
  const head: FileHead = JSON.parse(all.toString('utf8', 4, 4 + length))
  const next = varintReader(all, 4 + length)
  const pages = head.pages.map((page) => {
    const trees: Tree[] = Array.from({ length: page.ticks }, () => ({}))
    for (const column of page.columns) fillColumn(column, trees, next)
    return { id: page.id, connections: page.connections, ticks: trees.map(tickOf) }
  })
  return { ...head.recording, pages }
}

function treeOf(tick: Tick): Tree {
  const stats: Tree = {}
  for (const { pc, entries } of tick.stats)
    stats[pc] = Object.fromEntries(
      entries.map(({ id, ...fields }) => [String(id), shifted(fields as Tree, -tick.atMs)]),
    )
  const { states, receivers, local, heard, pictures, signals, ...rest } = tick
  return {
    ...(rest as unknown as Tree),
    stats,
    states: keyed(states, (one) => String(one.pc)),
    receivers: keyed(receivers, (one) => `${one.pc}:${one.trackIdentifier}`),
    local: keyed(local, (_, index) => String(index)),
    heard: keyed(heard, (one) => one.peer),
    pictures: keyed(pictures, (one) => one.peer),
    signals: signals.length === 0 ? {} : { list: JSON.stringify(signals) },
  }
}

function tickOf(tree: Tree): Tick {
  const {
    stats = {},
    states,
    receivers,
    local,
    heard,
    pictures,
    signals,
    ...rest
  } = tree as Record<string, Tree>
  const list = signals?.list
  return {
    ...(rest as unknown as Pick<Tick, 'atMs' | 'lateMs' | 'isHidden' | 'isOnline' | 'published'>),
    stats: Object.entries(stats as Record<string, Tree>).map(([pc, entries]) => ({
      pc: Number(pc),
      entries: Object.entries(entries).map(([id, fields]) => ({
        id,
        ...shifted(fields as Tree, Number(tree.atMs)),
      })),
    })),
    states: values(states),
    receivers: values(receivers),
    local: values(local),
    heard: values(heard),
    pictures: values(pictures),
    signals: typeof list === 'string' ? JSON.parse(list) : [],
  }
}

/** Times move along with the ticks; as distances from them they hardly change. */
function shifted(fields: Tree, byMs: number): Tree {
  const moved = { ...fields }
  for (const key of TIMES) {
    const value = moved[key]
    if (typeof value === 'number') moved[key] = value + byMs
  }
  return moved
}

function keyed<Item>(list: readonly Item[], keyOf: (item: Item, index: number) => string): Tree {
  return Object.fromEntries(list.map((item, index) => [keyOf(item, index), item as Tree]))
}

function values<Item>(tree: Tree | undefined): Item[] {
  return Object.values(tree ?? {}) as unknown as Item[]
}

function columnsOf(trees: readonly Tree[], numbers: number[]): Column[] {
  const found = new Map<string, (Scalar | undefined)[]>()
  trees.forEach((tree, index) => {
    walk(tree, '', (path, value) => {
      const column = found.get(path) ?? new Array<Scalar | undefined>(trees.length).fill(undefined)
      column[index] = value
      found.set(path, column)
    })
  })
  return [...found].map(([path, cells]) => columnOf(path, cells, numbers))
}

function walk(tree: Tree, prefix: string, visit: (path: string, value: Scalar) => void): void {
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix === '' ? key : `${prefix}${SEPARATOR}${key}`
    if (typeof value === 'object' && value !== null) walk(value, path, visit)
    else if (value !== undefined) visit(path, value)
  }
}

function columnOf(path: string, cells: readonly (Scalar | undefined)[], numbers: number[]): Column {
  const isConstant = cells.every((cell) => cell === cells[0])
  if (isConstant || cells.some((cell) => cell !== undefined && typeof cell !== 'number')) {
    const changes: (readonly [number, Scalar])[] = []
    cells.forEach((cell, index) => {
      // The key `null` alone cannot say "missing", so a missing cell is an empty list of its own: [index].
      if (index === 0 ? cell !== undefined : cell !== cells[index - 1])
        changes.push(cell === undefined ? ([index] as unknown as [number, Scalar]) : [index, cell])
    })
    return { path, quantum: null, changes }
  }
  const quantum = quantumOf(path, cells as readonly (number | undefined)[])
  let before = 0
  let index = 0
  while (index < cells.length) {
    const isPresent = cells[index] !== undefined
    let end = index
    while (end < cells.length && (cells[end] !== undefined) === isPresent) end += 1
    // Runs: 2 x length, and 1 more when the cells of the run are there.
    numbers.push((end - index) * 2 + (isPresent ? 1 : 0))
    for (; index < end; index += 1) {
      if (!isPresent) continue
      const value = Math.round((cells[index] as number) / quantum)
      numbers.push(zigzag(value - before))
      before = value
    }
  }
  return { path, quantum }
}

function quantumOf(path: string, cells: readonly (number | undefined)[]): number {
  if (COARSE.test(path)) return 1000
  if (FINE.test(path)) return 1e-6
  if (SUMMED.test(path)) return SUM_QUANTUM
  const isWhole = cells.every((cell) => cell === undefined || Number.isInteger(cell))
  if (isWhole || /Ms$|imestamp$/.test(path)) return 1
  return FRACTION_QUANTUM
}

function fillColumn(column: Column, trees: readonly Tree[], next: () => number): void {
  const parts = column.path.split(SEPARATOR)
  if (column.quantum === null) {
    const changes = column.changes ?? []
    changes.forEach((change, at) => {
      const end = changes[at + 1]?.[0] ?? trees.length
      if (change.length === 2)
        for (let index = change[0]; index < end; index += 1) put(trees[index], parts, change[1])
    })
    return
  }
  let value = 0
  for (let index = 0; index < trees.length; ) {
    const run = next()
    const end = index + Math.floor(run / 2)
    for (; index < end; index += 1) {
      if (run % 2 === 0) continue
      value += unzigzag(next())
      put(trees[index], parts, tidy(value * column.quantum))
    }
  }
}

/** 3 * 0.0001 is 0.00030000000000000003. */
function tidy(value: number): number {
  return Math.round(value * 1e7) / 1e7
}

function put(tree: Tree | undefined, parts: readonly string[], value: Scalar): void {
  let at = tree
  for (const part of parts.slice(0, -1)) {
    if (!at) return
    const inner = at[part] ?? {}
    at[part] = inner
    at = inner as Tree
  }
  if (at) at[parts.at(-1) ?? ''] = value
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)

function varints(numbers: readonly number[]): Buffer {
  const bytes: number[] = []
  for (const number of numbers) {
    let rest = number
    while (rest >= 128) {
      bytes.push((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    bytes.push(rest)
  }
  return Buffer.from(bytes)
}

function varintReader(bytes: Buffer, start: number): () => number {
  let at = start
  return () => {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = bytes[at] ?? 0
      at += 1
      value += (byte % 128) * factor
      if (byte < 128) return value
      factor *= 128
    }
  }
}
