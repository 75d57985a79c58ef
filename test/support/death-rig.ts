/** Drives the death detector in virtual time. */
import {
  type DeathInput,
  type DeathResult,
  type DeathState,
  INITIAL_DEATH_STATE,
  observe,
  type ProbeRequest,
} from '../../src/health/death.js'
import { pulse } from '../../src/health/layout.js'
import { unpackSample } from '../../src/health/pack.js'
import type { OtherSight } from '../../src/health/sight-date.js'
import type { ConnectionVerdict, ProviderSignal } from '../../src/health/verdict.js'

/** A connection in virtual time: media until `diesAtMs`, ticks as the detector wants them. */
export function deathRig(
  options: { hasServer?: boolean; answers?: (atMs: number) => boolean | null; everyMs?: number } = {},
) {
  const { hasServer = true, answers = () => true, everyMs = 20 } = options
  let state: DeathState = INITIAL_DEATH_STATE
  let nowMs = 0
  let nextTickMs = 0
  let mediaEndsAtMs = Number.POSITIVE_INFINITY
  let mediaBeginsAtMs = 0
  let others: readonly OtherSight[] = []
  let expectsInbound = true
  const log: { atMs: number; verdict: ConnectionVerdict }[] = []
  const probes: { atMs: number; request: ProbeRequest }[] = []
  const due: { atMs: number; askedAtMs: number; isAnswered: boolean | null }[] = []

  const take = (result: DeathResult): void => {
    state = result.state
    nextTickMs = Math.min(nextTickMs, nowMs + result.nextTickMs)
    for (const verdict of result.verdicts) log.push({ atMs: nowMs, verdict })
    for (const request of result.probes) {
      probes.push({ atMs: nowMs, request })
      const isAnswered = answers(nowMs)
      const tookMs = isAnswered === false ? request.limitMs : 5
      due.push({ atMs: nowMs + tookMs, askedAtMs: nowMs, isAnswered })
    }
  }
  const mediaAtMs = (): number => {
    const last = Math.min(nowMs, mediaEndsAtMs)
    return last < mediaBeginsAtMs ? Number.NaN : Math.floor(last / everyMs) * everyMs
  }
  const tick = (): void => {
    const connection = { connectionId: 'c', provider: 'east', hasServer, expectsInbound, expectsOutbound: true }
    const sample = unpackSample(pulse(nowMs, mediaAtMs(), 0))
    nextTickMs = nowMs + 250
    take(
      observe(state, { type: 'tick', atMs: nowMs, isOnline: true, connections: [{ ...connection, sample }] }),
    )
  }
  const feed = (input: DeathInput): void => take(observe(state, input))
  const run = (forMs: number): void => {
    for (const endMs = nowMs + forMs; nowMs < endMs; nowMs += 5) {
      for (const answer of due.filter((one) => one.atMs <= nowMs)) {
        due.splice(due.indexOf(answer), 1)
        const { isAnswered, askedAtMs } = answer
        feed({ type: 'probe', connectionId: 'c', atMs: nowMs, isAnswered, askedAtMs })
      }
      if (nowMs >= nextTickMs) tick()
    }
  }
  return {
    run,
    log,
    probes,
    jump(ms: number) {
      nowMs += ms
    },
    signal(signal: ProviderSignal) {
      feed({ type: 'signal', signal: { connectionId: 'c', atMs: nowMs, signal } })
    },
    hear(sights: readonly (Omit<OtherSight, 'heardAtMs' | 'provider'> & { readonly heardAtMs?: number })[]) {
      others = sights.map((sight) => ({ provider: 'east', heardAtMs: nowMs, ...sight }))
      feed({ type: 'sight', atMs: nowMs, others })
    },
    mediaStops: () => {
      mediaEndsAtMs = nowMs
    },
    mediaNeverComes: () => {
      mediaBeginsAtMs = Number.POSITIVE_INFINITY
    },
    mediaReturns: () => {
      mediaEndsAtMs = Number.POSITIVE_INFINITY
      mediaBeginsAtMs = nowMs
    },
    expectInbound(is: boolean) {
      expectsInbound = is
    },
    now: () => nowMs,
    state: () => log.at(-1)?.verdict.state,
    blame: () => log.at(-1)?.verdict.blame,
    deadAt: () => log.find((entry) => entry.verdict.state === 'dead')?.atMs ?? null,
  }
}
