/**
 * Presence for a Yjs provider of the app: an awareness that looks like any other, except that its listeners hear
 * of nothing but what is to be sent. Providers send back to their server everything they hear of, which would
 * cost each participant the whole room's traffic once more.
 */
import type { Awareness } from 'y-protocols/awareness'
import type * as Yjs from 'yjs'
import { createIntake, pruneStrangers } from './intake.js'
import type { LinkContext, LinkPath } from './link.js'
import { createLinkPaths } from './link-paths.js'
import { parsePulse, pulseIdOf } from './pulse.js'
import { createPulseEchoes, type Echo } from './pulse-echoes.js'
import type { AwarenessChange } from './y-webrtc-gossip.js'

/** The mirrored presence. */
export interface MirroredPresence {
  readonly awareness: Awareness
  readonly isConnected: boolean
  readonly reached: readonly string[]
  readonly paths: readonly LinkPath[]
  /** While not connected nothing is sent; what is known is sent on connecting. */
  setConnected(isConnected: boolean): void
  sweep(): void
  close(): void
}

/** Mirrors `context.awareness` into one of its own for the provider's document. */
export function mirrorPresence(context: LinkContext, doc: Yjs.Doc): MirroredPresence {
  const { awareness: source, protocol, clock, pageOf } = context
  const mirror = untimed(new protocol.Awareness(doc))
  const page = doc.clientID
  const pulse = pulseIdOf(page)
  const paths = createLinkPaths<number>({ clock, pageOf })
  const echoes = createPulseEchoes(clock, page, paths.measured)
  let isConnected = false
  let cancel: (() => void) | null = null

  const send = mirror.emit.bind(mirror)
  const put = (clients: readonly number[]): void => {
    for (const client of clients) copyState(source, mirror, client)
    if (clients.includes(pulse)) addEcho(mirror, pulse, echoes.sending(clockOf(mirror, pulse)))
    if (clients.length > 0 && isConnected)
      send('update', [{ added: [], updated: [...clients], removed: [] }, OUT])
  }
  const isNewer = (client: number): boolean =>
    source.states.has(client) && clockOf(source, client) > clockOf(mirror, client)
  const passOn = (): void => {
    cancel = null
    put([...source.states.keys()].filter(isNewer))
  }
  const onSource = ({ added, updated }: AwarenessChange, origin: unknown): void => {
    if (origin === 'local') put([...added, ...updated].filter(isNewer))
    // What others say comes from the server itself, unless they are not on it.
    else if (origin !== BROUGHT) cancel ??= clock.after(PASS_ON_AFTER_MS, passOn)
  }
  const take = ({ added, updated, removed }: AwarenessChange): void => {
    const others = [...added, ...updated].filter((client) => client !== page && client !== pulse)
    for (const client of others) {
      const state = mirror.states.get(client)
      const isPulse = parsePulse(state) !== null
      const speaker = isPulse ? pulseIdOf(client) : client
      paths.heard(speaker)
      if (isPulse) echoes.heard(speaker, clockOf(mirror, client), state?.e)
    }
    if (others.length > 0)
      protocol.applyAwarenessUpdate(source, protocol.encodeAwarenessUpdate(mirror, others), BROUGHT)
    // The server took us for gone, e.g. because our former socket has timed out.
    if ([...updated, ...removed].includes(page)) outdo(source, mirror, page)
  }
  const pace = paced(context, mirror, take)
  mirror.emit = (name: string, args: readonly unknown[]) => {
    if (name === 'update') pace.hear(args[0] as AwarenessChange)
    else if (name === 'destroy') send('destroy', [mirror])
  }
  source.on('update', onSource)
  put([page, pulse])
  return {
    awareness: mirror,
    get isConnected() {
      return isConnected
    },
    get reached() {
      return isConnected ? paths.reached : []
    },
    get paths() {
      return paths.paths
    },
    setConnected(isConnectedNow) {
      if (isConnected === isConnectedNow) return
      isConnected = isConnectedNow
      if (isConnected) put([page, pulse].filter((client) => source.states.has(client)))
    },
    sweep: paths.sweep,
    close() {
      cancel?.()
      pace.close()
      source.off('update', onSource)
      mirror.destroy()
    },
  }
}

/** Hands changes on as fast as anybody needs them; what comes too fast is taken later, as it stands then. */
function paced(
  context: LinkContext,
  mirror: Awareness,
  take: (change: AwarenessChange) => void,
): { hear(change: AwarenessChange): void; close(): void } {
  const mayHear = createIntake(context)
  const own = [mirror.clientID, pulseIdOf(mirror.clientID)]
  const isKnown = (client: number): boolean =>
    own.includes(client) || (context.pageOf(client) ?? context.pageOf(pulseIdOf(client))) !== null
  const late = new Set<number>()
  let cancel: (() => void) | null = null
  const catchUp = (): void => {
    cancel = null
    take({ added: [], updated: [...late].filter((client) => mirror.states.has(client)), removed: [] })
    late.clear()
  }
  return {
    hear(change) {
      if (mayHear('provider', change)) take(change)
      else {
        for (const client of [...change.added, ...change.updated, ...change.removed])
          if (late.size < LATE_MAX) late.add(client)
        cancel ??= context.clock.after(CATCH_UP_MS, catchUp)
      }
      pruneStrangers(mirror, (client) => isKnown(client) || late.has(client))
    },
    close: () => cancel?.(),
  }
}

/** Its own timer would renew our state under a count that the other links do not have. */
function untimed(awareness: Awareness): Awareness {
  clearInterval(awareness._checkInterval as ReturnType<typeof setInterval>)
  return awareness
}

function clockOf(awareness: Awareness, client: number): number {
  return awareness.meta.get(client)?.clock ?? -1
}

/** The same state under the same count: receivers with several links take each only once. */
function copyState(from: Awareness, to: Awareness, client: number): void {
  const state = from.states.get(client)
  const meta = from.meta.get(client)
  if (state === undefined || meta === undefined) return
  to.states.set(client, state)
  to.meta.set(client, { ...meta })
}

function addEcho(mirror: Awareness, pulse: number, echo: Echo<number> | null): void {
  const state = mirror.states.get(pulse)
  if (echo !== null && state !== undefined) mirror.states.set(pulse, { ...state, e: echo })
}

/** Says the own state again under a count that everybody takes for newer than the server's. */
function outdo(source: Awareness, mirror: Awareness, client: number): void {
  const meta = source.meta.get(client)
  if (meta === undefined) return
  source.meta.set(client, { ...meta, clock: Math.max(meta.clock, clockOf(mirror, client)) })
  queueMicrotask(() => source.setLocalState(source.getLocalState()))
}

/** Origin of what is to be sent. */
const OUT = { link: 'out' }
/** Origin in the call's awareness of what this kind of link brought. */
const BROUGHT = { link: 'brought' }
/** By then the server has brought it. */
const PASS_ON_AFTER_MS = 400
/** A flood of presence is looked at once a second. */
const CATCH_UP_MS = 1000
/** As many states as a whole room has, and more. */
const LATE_MAX = 1024
