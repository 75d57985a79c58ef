/**
 * Breaks a running call on purpose, to see it recover or explain itself: seeded, by kind and probability, or one
 * fault at a time. What is broken is the page's own side of a real call: frames, buffers, senders, devices, tokens,
 * sockets, the processor. Faults that a page cannot cause for real (a dead server, lost packets) are imitated as
 * near as a page can, or are caused outside by what the app gives as `outside`.
 *
 * Make it before the call, because sockets and connections are wrapped when they are made:
 *
 * ```ts
 * const faults = createFaults({ seed: 7 })
 * const call = createCall({ ..., providers: providers.map(faults.provider) })
 * await call.join()
 * await faults.inject('frame-corruption', { peer: 'bob' })
 * ```
 */
import type { Provider } from '../providers/provider.js'
import { createCarrier } from './faults/carrier.js'
import { type Cause, FAULT_KINDS, type Fault, type FaultKind, type FaultTarget } from './faults/fault.js'
import { createFrameBreaker } from './faults/frames.js'
import { createMediaCauses } from './faults/media-causes.js'
import { createPageCauses } from './faults/page-causes.js'
import { oneOf, randomOf } from './faults/random.js'
import { wrapWires } from './faults/wires.js'

export { FAULT_KINDS, type Fault, type FaultKind, type FaultTarget } from './faults/fault.js'

/** Options of {@link createFaults}. */
export interface FaultsOptions {
  /** The same seed breaks the same things in the same order. Default 1. */
  readonly seed?: number
  /** What `start()` chooses from. Default: all. */
  readonly kinds?: readonly FaultKind[]
  /** Chance of a fault at each beat of `start()`, 0 to 1. Default 0.25. */
  readonly probability?: number
  /** Time between two beats. Default 5 s. */
  readonly everyMs?: number
  /** How long a cause works where `inject` does not say. Default 5 s; null: until `heal()`. */
  readonly lastsMs?: number | null
  /** Addresses of the shared document's sockets, as given to `createCall`. Default: every socket without a subprotocol. */
  readonly signaling?: readonly string[]
  /**
   * Causes faults for real that a page can only imitate, e.g. by a control endpoint that kills a server: returns
   * what ends the cause, or null where it cannot be caused now.
   */
  readonly outside?: Partial<Record<FaultKind, Cause>>
  /** After each fault that was caused. */
  readonly onFault?: (fault: Fault) => void
}

/** Faults of one page. */
export interface Faults {
  /** A provider that can be broken; give this one to `createCall`. */
  provider(provider: Provider): Provider
  /** Causes one fault; null where there is nothing now that it could break. */
  inject(kind: FaultKind, details?: FaultTarget & { readonly lastsMs?: number | null }): Promise<Fault | null>
  /** Breaks things by chance from now on. */
  start(): void
  /** Breaks nothing new; what is broken takes its course. */
  stop(): void
  /** Everything caused so far, oldest first. */
  readonly log: readonly Fault[]
  /** Ends every cause. */
  heal(): Promise<void>
  /** Stops, heals and gives the page its own sockets and connections back. */
  close(): Promise<void>
}

/** A person notices within a second and a repair takes some; longer than that shows what lasts. */
const LASTS_MS = 5_000
const EVERY_MS = 5_000
const PROBABILITY = 0.25

/** Makes the faults of this page. Nothing is broken before `inject` or `start`. */
export function createFaults(options: FaultsOptions = {}): Faults {
  const random = randomOf(options.seed ?? 1)
  const carrier = createCarrier()
  const frames = createFrameBreaker()
  const wires = wrapWires({
    onHalf: frames.prepare,
    isControlSocket: (url, protocols) =>
      options.signaling?.some((one) => url.startsWith(one)) ?? protocols === undefined,
    isMedia: (pc) => carrier.connections().some((one) => one.peerConnections?.().some((own) => own.pc === pc)),
  })
  const causes: Readonly<Record<FaultKind, Cause>> = {
    ...createMediaCauses(carrier, frames, random),
    ...createPageCauses(carrier, wires),
    ...options.outside,
  }
  const log: Fault[] = []
  let beat: ReturnType<typeof setInterval> | null = null

  const inject: Faults['inject'] = async (kind, details = {}) => {
    const { lastsMs = options.lastsMs === undefined ? LASTS_MS : options.lastsMs, ...target } = details
    const undo = await causes[kind](target)
    if (undo === null) return null
    const fault = faultOf({ id: log.length + 1, kind, target, lastsMs }, undo)
    log.push(fault)
    options.onFault?.(fault)
    return fault
  }
  const stop = (): void => {
    if (beat !== null) clearInterval(beat)
    beat = null
  }
  const heal = async (): Promise<void> => {
    await Promise.all(log.map((fault) => fault.heal()))
  }
  return {
    provider: carrier.wrap,
    inject,
    start() {
      beat ??= setInterval(() => {
        const kind = oneOf(options.kinds ?? FAULT_KINDS, random)
        if (kind !== undefined && random() < (options.probability ?? PROBABILITY)) void inject(kind)
      }, options.everyMs ?? EVERY_MS)
    },
    stop,
    log,
    heal,
    async close() {
      stop()
      await heal()
      frames.close()
      wires.close()
    },
  }
}

function faultOf(
  facts: Pick<Fault, 'id' | 'kind' | 'target' | 'lastsMs'>,
  undo: () => void | Promise<void>,
): Fault {
  let isActive = true
  let timer: ReturnType<typeof setTimeout> | null = null
  const heal = async (): Promise<void> => {
    if (!isActive) return
    isActive = false
    if (timer !== null) clearTimeout(timer)
    await undo()
  }
  if (facts.lastsMs !== null) timer = setTimeout(() => void heal(), facts.lastsMs)
  return {
    ...facts,
    atMs: performance.timeOrigin + performance.now(),
    get isActive() {
      return isActive
    },
    heal,
  }
}
