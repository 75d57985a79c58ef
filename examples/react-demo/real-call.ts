/** Where the demo touches Holdfast's core: the providers and the call. */
import { createCall, type Provider } from 'holdfast'
import { janus } from 'holdfast/providers/janus'
import { mesh } from 'holdfast/providers/mesh'
import { whip } from 'holdfast/providers/whip'
import type { DemoConfig } from './config.js'
import type { CallMaker } from './session.js'

/** The real maker, with the providers of the configuration in the order this tab prefers. */
export function callMaker(config: DemoConfig, order: readonly string[]): CallMaker {
  return ({ id, name, room }) =>
    createCall({ room, me: { id, name }, providers: providersOf(config, order), signaling: config.signaling })
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
