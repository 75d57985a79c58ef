import { describe, expect, it } from 'vitest'
import { connectEarly, type EarlyRequest } from '../../../src/call/early.js'
import type { Json } from '../../../src/json.js'
import type {
  Connection,
  Directory,
  JoinRequest,
  LocalTrack,
  Provider,
} from '../../../src/providers/provider.js'

const REQUEST: EarlyRequest = {
  room: 'visit',
  peer: 'me',
  name: 'Me',
  token: () => Promise.resolve(undefined),
  iceServers: [],
}
const TRACK = { source: 'camera' } as LocalTrack

/** A provider whose connects end when a test says so. */
function dialled(identity: 'control-plane' | 'native' = 'control-plane') {
  const joins: JoinRequest[] = []
  const published: (readonly LocalTrack[])[] = []
  let left = 0
  let finish: () => void = () => undefined
  const connection = {
    publish: async (tracks: readonly LocalTrack[]) => void published.push(tracks),
    leave: async () => {
      left += 1
    },
  } as unknown as Connection
  const provider = {
    id: 'east',
    capabilities: { identity },
    connect(join: JoinRequest) {
      joins.push(join)
      return new Promise<Connection>((resolve, reject) => {
        finish = () => resolve(connection)
        join.signal.addEventListener('abort', () => reject(join.signal.reason))
      })
    },
  } as unknown as Provider
  return {
    provider,
    joins,
    published,
    connection,
    finish: () => finish(),
    get left() {
      return left
    },
  }
}

function joinOf(more: Partial<JoinRequest> = {}) {
  const shown: Json[] = []
  const listeners = new Set<() => void>()
  const entries = new Map<string, Json>()
  const directory: Directory = {
    announce: (entry) => void shown.push(entry),
    entries: () => entries,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const ending = new AbortController()
  const join = {
    ...REQUEST,
    session: 's',
    tracks: [],
    directory,
    signal: ending.signal,
    ...more,
  } as JoinRequest
  return { join, shown, listeners, entries, ending }
}

describe('the connection that join() begins with', () => {
  it('is dialled without media and becomes the first one that the pool opens', async () => {
    const east = dialled()
    const early = connectEarly(east.provider, REQUEST)
    expect(east.joins.map(({ tracks }) => tracks)).toEqual([[]])
    const taken = early?.connect(east.provider, joinOf({ tracks: [TRACK] }).join)
    east.finish()
    expect(await taken).toBe(east.connection)
    expect(east.joins).toHaveLength(1)
    expect(east.published).toEqual([[TRACK]])
  })

  it('shows on the notice board what it announced before there was one, and reads it from then on', () => {
    const east = dialled()
    const early = connectEarly(east.provider, REQUEST)
    const board = east.joins[0]?.directory
    board?.announce('here')
    let calls = 0
    const unsubscribe = board?.subscribe(() => {
      calls += 1
    })
    expect(board?.entries().size).toBe(0)
    const { join, shown, listeners, entries } = joinOf()
    entries.set('bob', 'there')
    void early?.connect(east.provider, join)
    expect([shown, calls, board?.entries().get('bob')]).toEqual([['here'], 1, 'there'])
    for (const listener of listeners) listener()
    board?.announce('changed')
    expect([shown, calls]).toEqual([['here', 'changed'], 2])
    unsubscribe?.()
    expect(listeners.size).toBe(0)
  })

  it('tells whoever takes it over of media that may already arrive', () => {
    const east = dialled()
    const early = connectEarly(east.provider, REQUEST)
    east.joins[0]?.onOpening?.(east.connection)
    const seen: Connection[] = []
    void early?.connect(east.provider, joinOf({ onOpening: (one) => void seen.push(one) }).join)
    expect(seen).toEqual([east.connection])
  })

  it('is given up when nobody asked for it, also when it was up already', async () => {
    const east = dialled()
    const early = connectEarly(east.provider, REQUEST)
    east.finish()
    early?.drop()
    await Promise.resolve()
    await Promise.resolve()
    expect([east.joins[0]?.signal.aborted, east.left]).toEqual([true, 1])
  })

  it('ends with the entry that took it over, and is dialled anew after that', async () => {
    const east = dialled()
    const early = connectEarly(east.provider, REQUEST)
    const { join, ending } = joinOf()
    const taken = early?.connect(east.provider, join)
    early?.drop()
    expect(east.joins[0]?.signal.aborted).toBe(false)
    ending.abort(new Error('left'))
    await expect(taken).rejects.toThrow('left')
    void early?.connect(east.provider, joinOf().join)
    expect(east.joins).toHaveLength(2)
  })

  it('is left to the document where the provider would show us to the others', () => {
    const east = dialled('native')
    expect(connectEarly(east.provider, REQUEST)).toBeNull()
    expect(connectEarly(undefined, REQUEST)).toBeNull()
    expect(east.joins).toEqual([])
  })

  it('other providers are dialled as ever', () => {
    const east = dialled()
    const west = dialled()
    const early = connectEarly(east.provider, REQUEST)
    void early?.connect(west.provider, joinOf().join)
    expect([east.joins.length, west.joins.length]).toEqual([1, 1])
  })
})
