/**
 * Own changes over the signaling servers. At once while some page is not reached by data channels; where all
 * reach all, this path only repeats what they carry, so it waits and sends several changes as one.
 */
import type * as Yjs from 'yjs'
import type { Clock } from '../clock.js'
import { createAllowance } from './allowance.js'
import { toBase64 } from './base64.js'

/** What {@link relayUpdates} needs. */
export interface UpdateRelayOptions {
  readonly doc: Yjs.Doc
  readonly yjs: Pick<typeof Yjs, 'mergeUpdates'>
  readonly clock: Clock
  /** Whether data channels link everybody with everybody. Default: never. */
  readonly isWhole?: () => boolean
  /** Takes an encoded update. */
  readonly send: (update: string) => void
}

/** Starts; `flush` sends what waits. */
export function relayUpdates(options: UpdateRelayOptions): { flush(): void; close(): void } {
  const { doc, yjs, clock } = options
  const waiting: Uint8Array[] = []
  const isAllowed = createAllowance(clock, BYTES_PER_SECOND, BYTES_BURST)
  let cancel: (() => void) | null = null
  const flush = (): void => {
    cancel?.()
    cancel = null
    if (waiting.length === 0) return
    const update = yjs.mergeUpdates(waiting.splice(0))
    if (isAllowed(update.length)) {
      options.send(toBase64(update))
      return
    }
    waiting.push(update)
    cancel = clock.after(REFILL_MS, flush)
  }
  const onUpdate = (update: Uint8Array, _origin: unknown, _doc: Yjs.Doc, change: Yjs.Transaction): void => {
    // What came from elsewhere reaches the others from its author; the digest finds what did not.
    if (!change.local) return
    waiting.push(update)
    if (options.isWhole?.()) cancel ??= clock.after(REPEAT_AFTER_MS, flush)
    else if (cancel === null) flush()
  }
  doc.on('update', onUpdate)
  return {
    flush,
    close() {
      cancel?.()
      doc.off('update', onUpdate)
    },
  }
}

/** A decision over data channels is over by then; whoever they did not reach hears of it still in time. */
const REPEAT_AFTER_MS = 150
/** A busy decision is some kilobytes; the signaling server's allowance is far above. */
const BYTES_BURST = 64 * 1024
const BYTES_PER_SECOND = 16 * 1024
/** What was held back goes with what came meanwhile. */
const REFILL_MS = 250
