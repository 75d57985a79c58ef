/**
 * A switch as this participant lives through it: noticed (a candidate appears or the provider dies), agreed,
 * carried out peer by peer, over. It keeps the attempt, the timeline and those who wait for `switchTo()`.
 */
import type { CommittedRecord } from '../consensus/index.js'
import { HoldfastError } from '../errors.js'
import { headOf } from './agreement-loop.js'
import type { CallCore } from './core.js'
import type { Reading } from './reading.js'

/** An agreed provider whose media does not flow by then has failed as a recovery. */
const FLOW_TIMEOUT_MS = 10_000
/** A wish that nobody decided in this time is given up. */
const AGREE_TIMEOUT_MS = 12_000

interface Waiter {
  readonly provider: string
  readonly sinceMs: number
  readonly startEpoch: string
  resolve(): void
  reject(error: HoldfastError): void
}

/** The switching part of a call. */
export interface Switching {
  /** Asks everybody to move; settles when media flows there, or with `switch-failed`. */
  request(provider: string, reason: string): Promise<void>
  /** The provider died: asks for the next one and begins the attempt. */
  flee(from: string, to: string, why: string): void
  onCommitted(record: CommittedRecord): void
  refresh(reading: Reading): void
  /** The call is being left. */
  stop(): void
}

/** Makes the switching part. */
export function createSwitching(core: CallCore): Switching {
  const waiters = new Set<Waiter>()
  let agreed: string | null = null
  let announcedCandidate: string | null = null
  /** Set from the moment a switch is known until media flows on the agreed provider. */
  let isUnderWay = false

  const epochKey = (): string => {
    const head = core.loop ? headOf(core.loop.state) : null
    return head ? `${head.lineage}/${head.n}` : ''
  }

  /** Who asked for `provider` and why, read from what everybody announces. */
  const initiatorOf = (provider: string): { readonly by: string; readonly reason: string } => {
    const own = asking?.provider === provider ? asking : null
    if (own) return { by: core.options.me.id, reason: own.reason }
    for (const presence of core.document.presence().values())
      if (presence.asking?.provider === provider)
        return { by: presence.participant, reason: presence.asking.reason }
    return { by: 'automatic', reason: 'agreed by the participants' }
  }
  let asking: { readonly provider: string; readonly reason: string } | null = null

  const begin = (to: string, incident: string): void => {
    const { by, reason } = initiatorOf(to)
    isUnderWay = true
    core.attempts.begin({
      incident,
      strategy: 'switch-provider',
      initiator: by,
      reason,
      from: agreed,
      to,
      lineage: null,
      epoch: null,
    })
    core.timeline.add('switch', `Switching to ${to}.`, { why: reason, provider: to })
    core.events.emit('switch-started', { from: agreed, to, by, reason })
  }

  const ask = (provider: string, reason: string): void => {
    asking = { provider, reason: reason.slice(0, 120) }
    core.document.announce({ asking })
    core.loop?.want(provider)
  }

  const settleWaiters = (reading: Reading): void => {
    for (const waiter of [...waiters]) {
      const isDecidedElsewhere =
        epochKey() !== waiter.startEpoch &&
        reading.agreed !== waiter.provider &&
        reading.candidates.length === 0
      if (reading.agreed === waiter.provider && reading.isFlowing) {
        waiters.delete(waiter)
        waiter.resolve()
      } else if (isDecidedElsewhere || reading.now - waiter.sinceMs > AGREE_TIMEOUT_MS) {
        waiters.delete(waiter)
        waiter.reject(
          new HoldfastError('switch-failed', { details: { wanted: waiter.provider, agreed: reading.agreed } }),
        )
      }
    }
  }

  return {
    request(provider, reason) {
      return new Promise((resolve, reject) => {
        waiters.add({ provider, sinceMs: core.clock.now(), startEpoch: epochKey(), resolve, reject })
        ask(provider, reason)
        core.requestRefresh()
      })
    },
    flee(from, to, why) {
      if (asking?.provider === to && isUnderWay) return
      ask(to, why)
      if (!isUnderWay) begin(to, 'provider-outage')
      core.loop?.poke()
      core.requestRefresh()
      core.options.logger.info('leaving provider', { from, to })
    },
    onCommitted(record) {
      const before = agreed
      agreed = record.provider
      core.decided = [
        ...core.decided.slice(-19),
        {
          lineage: record.lineage,
          epoch: record.n,
          provider: record.provider,
          committee: record.committee.map(
            (voter) => core.document.registers().get(voter)?.participant ?? voter,
          ),
          atMs: core.clock.wallNow(),
        },
      ]
      if (record.provider !== before) {
        core.agreedAtMs = core.clock.now()
        core.currentEntryId = null
        if (record.provider !== null) {
          if (before !== null && (!isUnderWay || core.attempts.current?.to !== record.provider)) {
            agreed = before
            begin(record.provider, core.sight.of(before) === 'dead' ? 'provider-outage' : 'switch-requested')
            agreed = record.provider
          }
          core.attempts.amend({ lineage: record.lineage, epoch: record.n, to: record.provider })
          core.timeline.add('decision', `Everybody agreed on ${record.provider}.`, {
            provider: record.provider,
          })
        }
      }
      if (asking !== null && record.provider !== before) {
        asking = null
        core.document.announce({ asking })
      }
      announcedCandidate = null
      core.events.emit('provider-agreed', {
        lineage: record.lineage,
        epoch: record.n,
        provider: record.provider,
      })
      core.requestRefresh()
    },
    refresh(reading) {
      const candidate = reading.candidates[0] ?? null
      if (candidate !== null && candidate !== announcedCandidate && agreed !== null && !isUnderWay) {
        announcedCandidate = candidate
        begin(candidate, core.sight.of(agreed) === 'dead' ? 'provider-outage' : 'switch-requested')
      }
      if (isUnderWay && core.attempts.current?.strategy === 'switch-provider') {
        const elapsedMs = reading.now - (core.attempts.startedAtMs ?? reading.now)
        const isThere = reading.agreed === core.attempts.current.to
        if (isThere && reading.isFlowing) finish('succeeded')
        else if (isThere && reading.now - core.agreedAtMs > FLOW_TIMEOUT_MS) finish('failed')
        else if (!isThere && elapsedMs > AGREE_TIMEOUT_MS) finish('failed')
        else if (!isThere && candidate === null && elapsedMs > 1000) finish('failed')
      } else {
        isUnderWay = false
      }
      settleWaiters(reading)
    },
    stop() {
      core.attempts.settle('cancelled')
      for (const waiter of waiters) waiter.reject(new HoldfastError('closed'))
      waiters.clear()
    },
  }

  function finish(outcome: 'succeeded' | 'failed'): void {
    isUnderWay = false
    if (asking !== null) {
      asking = null
      core.document.announce({ asking })
    }
    core.attempts.settle(outcome)
  }
}
