/**
 * Remembers what ever flowed in the call, so that a track that died before a repair began is still waited for, and one
 * that was silent all along is not.
 */
import type { Target } from '../recovery/strategy.js'
import { type Flow, type FlowCount, type Freshness, type Judgement, judge, readFlow } from './flow.js'
import type { HandsWorld, LiveConnection } from './world.js'

/** What a proof is compared with. */
export interface Base {
  readonly flow: Flow
  readonly freshness: (key: string) => Freshness
  /** What stands for a flow since, as it was first counted. */
  readonly first: Map<string, FlowCount>
}

/** See the module comment. */
export interface FlowBook {
  read(live: LiveConnection, target: Target): Promise<Flow>
  /** What was counted right after the act, renewed where only another identity will do. */
  base(before: Flow, live: LiveConnection | null, target: Target, freshness: Freshness): Promise<Base>
  judge(base: Base, live: LiveConnection | null, target: Target): Promise<Judgement>
}

/** Makes an empty one. */
export function createFlowBook(world: HandsWorld): FlowBook {
  const flowed = new Set<string>()

  const read = async ({ connection }: LiveConnection, target: Target): Promise<Flow> => {
    const flow = await readFlow(connection, target, world.local.tracks(), world.clock.now())
    for (const [key, { count }] of flow) if (count > 0) flowed.add(key)
    return flow
  }

  /** All within the target that flowed once and is still published, and in any case what the incident is about. */
  const neededOf = (now: Flow, target: Target): ReadonlySet<string> => {
    const needed = new Set<string>()
    for (const [peer, sources] of world.expected())
      for (const source of sources) {
        const key = `in/${peer}/${source}`
        const kind = source === 'microphone' || source === 'screen-audio' ? 'audio' : 'video'
        const isWanted = target.media === null || target.media === kind
        if (target.peer === null ? flowed.has(key) && isWanted : target.peer === peer && isWanted)
          if (flowed.has(key) || target.media !== null) needed.add(key)
      }
    // Our own are only there while they are sent.
    if (target.peer === null)
      for (const key of now.keys()) if (!key.startsWith('in/') && flowed.has(key)) needed.add(key)
    return needed
  }

  return {
    read,
    async base(before, live, target, freshness) {
      const after = live === null ? before : await read(live, target)
      const flow = new Map(before)
      // Growth is counted from after the act on; identity is compared with what was there before it.
      for (const [key, count] of after) if (before.get(key)?.identity === count.identity) flow.set(key, count)
      const renewed = (key: string): Freshness => (key.startsWith('in/') && before.has(key) ? 'renewed' : 'any')
      const freshKey = (key: string): Freshness =>
        /^in\/.*\/(?:camera|screen)$/.test(key) || key.startsWith('out/camera') ? 'key-frame' : 'any'
      const isFresh = { renewed, 'key-frame': freshKey, any: (): Freshness => 'any' }[freshness]
      return { flow, freshness: isFresh, first: new Map() }
    },
    async judge(base, live, target) {
      if (live === null) return 'not-yet'
      const { state } = live.connection.status
      const now = await read(live, target)
      for (const [key, count] of now)
        if (base.first.get(key)?.identity !== count.identity) base.first.set(key, count)
      const isDead = state === 'failed' || state === 'closed'
      return judge(base.flow, base.first, now, neededOf(now, target), base.freshness, isDead)
    },
  }
}
