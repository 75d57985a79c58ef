/** Fifty participants over one real Hocuspocus server, all in this process: switches, records and idle traffic. */
import { setTimeout as pause } from 'node:timers/promises'
import { yjsLink } from '../../src/document/yjs-link.js'
import { hocuspocus } from '../../test/support/yjs-servers.js'
import type { Figure } from '../figure.js'
import { joinRoom, PROVIDERS, type RoomMember } from './room-member.js'
import { atLeast, atMost, quantile } from './statistics.js'

const SIZE = 50
const SWITCHES = 20
/** Everybody has a seat or watches, and every pace is known. */
const SETTLE_MS = 8000
/** A renewal of every presence falls into it. */
const IDLE_MS = 30_000
/** Longer than anything that ends well. */
const LIMIT_MS = 30_000

/** Rows of the room on a server. */
export async function serverFigures(progress: (line: string) => void): Promise<readonly Figure[]> {
  const server = await hocuspocus()
  const members: RoomMember[] = []
  let onCommitted = (_member: number, _provider: string | null): void => undefined
  for (let index = 0; index < SIZE; index += 1)
    members.push(
      await joinRoom(
        {
          ...{ participant: `person-${index}`, name: `Person ${index}`, room: 'control' },
          ...{ signaling: [], links: [yjsLink(server.make)] },
        },
        (provider) => onCommitted(index, provider),
      ),
    )
  await until(() => new Set(members.map((member) => member.head())).size === 1 && members[0]?.head() !== null)
  progress(`${SIZE} members are on one record`)
  await pause(SETTLE_MS)
  const timesMs: number[] = []
  let records = 0
  for (let round = 0; round < SWITCHES; round += 1) {
    const to = PROVIDERS[(round + 1) % PROVIDERS.length] ?? PROVIDERS[0]
    const waiting = new Set(members.keys())
    const startedAtMs = performance.now()
    const everywhere = new Promise<number>((resolve) => {
      onCommitted = (member, provider) => {
        if (provider === to) waiting.delete(member)
        if (waiting.size === 0) resolve(performance.now() - startedAtMs)
      }
    })
    members[(round * 7) % SIZE]?.loop.want(to)
    timesMs.push(await Promise.race([everywhere, pause(LIMIT_MS, Number.POSITIVE_INFINITY)]))
    await until(() => new Set(members.map((member) => member.head())).size === 1)
    records = Math.max(records, new Set(members.map((member) => member.head())).size)
    await pause(300)
  }
  progress(`switches took ${timesMs.map((time) => Math.round(time)).join(', ')} ms`)
  const before = server.traffic()
  await pause(IDLE_MS)
  const rate = (server.traffic() - before) / SIZE / IDLE_MS
  const beats = beatFigures(members)
  await Promise.all(members.map((member) => member.close()))
  await server.stop()
  return [
    ...beats,
    atMost(
      `${SIZE} over Hocuspocus: want to committed everywhere, p95`,
      quantile(timesMs, 0.95),
      'ms',
      300,
      SWITCHES,
    ),
    atMost(
      `${SIZE} over Hocuspocus: want to committed everywhere, p50`,
      quantile(timesMs, 0.5),
      'ms',
      null,
      SWITCHES,
    ),
    atMost(`${SIZE} over Hocuspocus: different records after a switch`, records, 'records', 1, SWITCHES),
    atMost(`idle control traffic per participant, ${SIZE} on a server link`, rate, 'kB/s', 2, SIZE),
  ]
}

/** How often people beat, as they tell the others: members of the committee every second, who watches more rarely. */
function beatFigures(members: readonly RoomMember[]): readonly Figure[] {
  const committee = members[0]?.head()?.split(' ')[3]?.split(',') ?? []
  const seen = [...(members.at(-1)?.document.presence().values() ?? [])]
  const paces = (isSeated: boolean): number[] =>
    seen
      .filter(({ voter }) => committee.includes(voter) === isSeated)
      .map(({ beatEveryMs }) => beatEveryMs ?? 0)
  const [seated, watching] = [paces(true), paces(false)]
  return [
    atMost(
      `${SIZE} on a server link: heartbeat of a member of the committee`,
      Math.max(...seated),
      'ms',
      1000,
      seated.length,
    ),
    atLeast(
      `${SIZE} on a server link: heartbeat of who watches`,
      Math.min(...watching),
      'ms',
      2000,
      watching.length,
    ),
  ]
}

async function until(isDone: () => boolean): Promise<void> {
  const startedAtMs = performance.now()
  while (!isDone()) {
    if (performance.now() - startedAtMs > LIMIT_MS) throw new Error('the members do not come together')
    await pause(20)
  }
}
