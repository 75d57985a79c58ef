/** Where the demo touches Holdfast's core: the providers and the call. */
import { createCall, type Provider } from 'holdfast'
import { janus } from 'holdfast/providers/janus'
import { mesh } from 'holdfast/providers/mesh'
import { whip } from 'holdfast/providers/whip'
import type { Faults } from 'holdfast/testing'
import type { DemoConfig } from './config.js'
import type { CallMaker } from './session.js'

/** The real maker, with the providers of the configuration in the order this tab prefers, breakable if asked. */
export function callMaker(config: DemoConfig, order: readonly string[], faults: Faults | null): CallMaker {
  return ({ id, name, room }) => {
    const own = providersOf(config, order)
    const providers = faults ? own.map(faults.provider) : own
    return createCall({ room, me: { id, name }, providers, signaling: config.signaling })
  }
}

/** Every way to carry media that the configuration names; a mesh of tabs as the last resort. */
export function providersOf(config: DemoConfig, order: readonly string[] = []): readonly Provider[] {
  const providers: Provider[] = [
    ...config.sfus.map(({ name, url }) => whip({ id: name, url })),
    ...config.janus.map(({ name, url }) => janus({ id: name, url })),
    mesh(),
  ]
  const rank = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length)
  return providers.sort((a, b) => rank(a.id) - rank(b.id))
}
