/** One participant without media: the real document, presence and agreement loop, with both providers always warm. */
import { type AgreementLoop, headOf, startAgreementLoop } from '../../src/call/agreement-loop.js'
import { liveVoters } from '../../src/call/participants.js'
import { systemClock } from '../../src/clock.js'
import type { DocumentOptions, SharedDocument } from '../../src/document/index.js'
import { openDocument } from '../../src/document/open-document.js'
import { isHoldfastError } from '../../src/errors.js'

/** Providers that every member can run. */
export const PROVIDERS = ['east', 'west'] as const
/** As the worker's clock drives it in a call. */
const BEAT_INTERVAL_MS = 1000

/** A member. */
export interface RoomMember {
  readonly document: SharedDocument
  readonly loop: AgreementLoop
  /** The record it stands on, in words that are equal for equal records; null while it has none. */
  head(): string | null
  provider(): string | null
  close(): Promise<void>
}

/** Joins; `onCommitted` is told of each record with the provider in it. */
export async function joinRoom(
  options: Omit<DocumentOptions, 'clock'>,
  onCommitted: (provider: string | null) => void = () => undefined,
): Promise<RoomMember> {
  const clock = systemClock()
  const document = await openDocument(options, new Map())
  const loop = startAgreementLoop({
    document,
    clock,
    participant: options.participant,
    caps: PROVIDERS,
    live: () =>
      liveVoters({
        presence: document.presence(),
        me: options.participant,
        now: clock.now(),
        wokeAtMs: Number.NEGATIVE_INFINITY,
        voter: document.voter,
      }),
    isProviderDead: () => false,
    onCommitted: ({ provider }) => onCommitted(provider),
    onChange: () => undefined,
    onError(error) {
      // A vote that was on its way while its page closed.
      if (!isHoldfastError(error, 'closed')) throw error
    },
  })
  for (const provider of PROVIDERS) loop.warm(provider, 'ready')
  const timer = setInterval(() => document.beat(), BEAT_INTERVAL_MS)
  return {
    document,
    loop,
    head() {
      const head = headOf(loop.state)
      return head && `${head.lineage} ${head.n} ${head.provider} ${head.committee.join()}`
    },
    provider: () => headOf(loop.state)?.provider ?? null,
    async close() {
      clearInterval(timer)
      loop.stop()
      await document.close()
    },
  }
}
