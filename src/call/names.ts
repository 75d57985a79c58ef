/** Names of people, which must not be kept. */
import type { CallCore } from './core.js'

/** Names of the people in the call. */
export function namesIn({ options, document }: CallCore): readonly string[] {
  const others = [...document.presence().values()].flatMap(({ name }) => (name === undefined ? [] : [name]))
  // Who has no name is called by the id, which is kept on purpose.
  return [options.me.name, ...others].filter((name) => name !== options.me.id)
}
