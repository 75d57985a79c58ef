/** Two of three hosts do not reach each other: what they write has to go through the third, or the server. */
import { atMost, median } from '../support/statistics.js'
import { inAll, openStage, pause, type Scenario, type Stage, until } from './stage.js'

/** Signaling is up too, so there are two ways around. */
export const threeHosts: Scenario = detour('three hosts, A-B cut', false)

/** Nothing is left but the third page. */
export const threeHostsAlone: Scenario = detour('three hosts, A-B cut, signaling dead', true)

const HOSTS = ['a', 'b', 'c'] as const
const ENTRY = 'bench/lab/room-page.ts'
const WRITE_EVERY_MS = 300
const WATCH_MS = 12_000
/** The bar. */
const RATIO_BAR = 2

function detour(name: string, isSignalingDead: boolean): Scenario {
  return {
    name,
    isInSubset: isSignalingDead,
    isCrowded: false,
    async run({ pages }) {
      const stage = await openStage(pages, HOSTS)
      try {
        const latency = await measure(stage, isSignalingDead)
        const there = median(latency('a', 'b')) + median(latency('b', 'a'))
        const legs = [latency('a', 'c'), latency('c', 'b'), latency('b', 'c'), latency('c', 'a')]
        const around = legs.reduce((sum, one) => sum + median(one), 0)
        const n = latency('a', 'b').length + latency('b', 'a').length
        return [
          atMost(`${name}: latency A-B against A-C + C-B`, there / around, 'x', RATIO_BAR, n),
          atMost(`${name}: latency A-B, p50`, there / 2, 'ms', null, n),
          atMost(`${name}: latency A-C, p50`, around / legs.length, 'ms', null, n),
        ]
      } finally {
        await stage.close()
      }
    },
  }
}

/** Both directions of a pair are summed up by the caller, so that the browsers' clocks need not agree. */
async function measure(stage: Stage, isSignalingDead: boolean) {
  const opened = await Promise.all(HOSTS.map((host) => stage.browser(host).open(ENTRY)))
  await inAll(opened, (page, at) =>
    page.evaluate((spec) => window.lab.openOwn(spec), {
      ...{ me: HOSTS[at] ?? '', room: 'three', signaling: stage.signaling },
    }),
  )
  const linked = async (count: (at: number) => number): Promise<boolean> => {
    const peers = await inAll(opened, (page) => page.evaluate(() => window.lab.peersBy('webrtc').length))
    return peers.every((length, at) => length === count(at))
  }
  await until('all three are linked', () => linked(() => HOSTS.length - 1))
  if (isSignalingDead) stage.killSignaling()
  stage.network.cut('a', 'b')
  await until('A and B have noticed', () => linked((at) => (at < 2 ? 1 : 2)))
  await inAll(opened, (page, at) =>
    // Out of step, so that one write does not wait for another.
    pause((at * WRITE_EVERY_MS) / HOSTS.length).then(() =>
      page.evaluate((everyMs) => window.lab.writeEvery(everyMs), WRITE_EVERY_MS),
    ),
  )
  await pause(WATCH_MS)
  const logs = await inAll(opened, (page) => page.evaluate(() => window.lab.arrivals().own))
  return (from: (typeof HOSTS)[number], to: (typeof HOSTS)[number]): readonly number[] =>
    (logs[HOSTS.indexOf(to)] ?? [])
      .filter((arrival) => arrival.from === from)
      .map(({ atMs, wroteAtMs }) => atMs - wroteAtMs)
}
