/**
 * Wishes: the app's, kept until decided, lost to another switch or hopeless; and the core's own, so that a call
 * without a working provider always has one on the way.
 */

import { membersOf } from '../instance.js'
import { adherentsOf } from '../lineage.js'
import { rankProviders } from '../preference.js'
import { type ActiveTurn, change, changeWant, isDue, remember } from '../turn.js'
import { isMember } from './accept.js'
import { isAcceptable, isCurrentDead } from './vote.js'

/** A wish is given up after this many T_warm without a single vote for it: by then nobody can be waiting. */
const WANT_PATIENCE = 2

/** Takes over a wish that came while there was no instance for it. */
export function takePendingWant(turn: ActiveTurn): boolean {
  const { pendingWant } = turn.state
  if (pendingWant === null) return false
  remember(turn, { pendingWant: null })
  return wish(turn, pendingWant, true)
}

/** Wants `provider` for the running instance. */
export function wish(turn: ActiveTurn, provider: string, isAppWant: boolean): boolean {
  const { head, caps, want } = turn.register
  if (provider === head.provider || !caps.includes(provider)) {
    if (!isAppWant || want === undefined) return false
    // Asking for what is already there takes an earlier, different wish back.
    changeWant(turn, null)
    remember(turn, { wantSince: null, isAppWant: false })
    return true
  }
  changeWant(turn, { provider, n: head.n + 1 })
  remember(turn, { isAppWant, wantSince: turn.view.now })
  if (isAppWant && turn.register.warm[provider] === 'failed') setWarm(turn, provider, 'unknown')
  return true
}

/** Notes how a warm-up ended, in the register and for the core's own wishes. */
export function setWarm(turn: ActiveTurn, provider: string, outcome: 'ready' | 'failed' | 'unknown'): void {
  const { [provider]: _old, ...others } = turn.state.warm
  const warm = outcome === 'unknown' ? others : { ...others, [provider]: outcome }
  const { [provider]: _until, ...avoid } = turn.state.avoid
  const until = turn.view.now + turn.state.timings.retryAfterMs
  remember(turn, { warm, avoid: outcome === 'failed' ? { ...avoid, [provider]: until } : avoid })
  change(turn, { warm })
}

/** Gives up a wish that cannot come true. */
export function withdrawWant(turn: ActiveTurn): boolean {
  const { want, head, warm } = turn.register
  if (want === undefined) return false
  const { provider } = want
  const isVoted = membersOf(turn.registers, head).some((member) => member.voted?.provider === provider)
  const isHopeless = !isAcceptable(turn, provider) || (warm[provider] === 'failed' && !isVoted)
  const since = turn.state.wantSince ?? turn.view.now
  const isOver = !isHopeless && !isVoted && isDue(turn, since + WANT_PATIENCE * turn.state.timings.warmUpMs)
  if (!isHopeless && !isOver) return false
  const until = turn.view.now + turn.state.timings.retryAfterMs
  changeWant(turn, null)
  remember(turn, {
    isAppWant: false,
    wantSince: null,
    avoid: { ...turn.state.avoid, [provider]: until },
  })
  return true
}

/** With no provider, or a dead one, a member wants the one that suits the live members best. */
export function wantByItself(turn: ActiveTurn): boolean {
  const { head, want } = turn.register
  if (!isMember(turn) || want !== undefined) return false
  if (head.provider !== null && !isCurrentDead(turn)) return false
  const people = adherentsOf(turn.registers, turn.live, head.lineage)
  const hopeful = turn.register.caps.filter((provider) => isHopeful(turn, provider))
  if (people.some((other) => other.want?.n === head.n + 1 && hopeful.includes(other.want.provider)))
    return false
  const members = people.filter((person) => head.committee.includes(person.voter))
  const common = hopeful.filter((provider) => members.every((member) => member.caps.includes(provider)))
  const [best] = rankProviders(common, members, () => 0)
  return best !== undefined && wish(turn, best, false)
}

function isHopeful(turn: ActiveTurn, provider: string): boolean {
  const { head, warm } = turn.register
  if (provider === head.provider || warm[provider] === 'failed') return false
  const until = turn.state.avoid[provider]
  return (until === undefined || isDue(turn, until)) && isAcceptable(turn, provider)
}

/** Forgets a failed warm-up once nobody asks for the provider any more, so that a later wish gets its chance. */
export function forgetFailures(turn: ActiveTurn): boolean {
  const failed = Object.keys(turn.register.warm).find(
    (provider) => turn.register.warm[provider] === 'failed' && !isAskedFor(turn, provider),
  )
  if (failed === undefined) return false
  const { [failed]: _old, ...warm } = turn.state.warm
  remember(turn, { warm })
  change(turn, { warm })
  return true
}

function isAskedFor(turn: ActiveTurn, provider: string): boolean {
  const { head, lineage } = turn.register
  const isVoted = membersOf(turn.registers, head).some((member) => member.voted?.provider === provider)
  if (isVoted) return true
  return adherentsOf(turn.registers, turn.live, lineage).some(
    (other) => other.want?.provider === provider && other.want.n >= head.n + 1,
  )
}
