/** What reading signed registers costs a page: many voters write once a second, as in a call that never rests. */
import * as Y from 'yjs'
import { systemClock } from '../../../src/clock.js'
import type { Register } from '../../../src/consensus/register.js'
import { createIdentity, type OwnIdentity } from '../../../src/document/identity.js'
import { createRegisterStore } from '../../../src/document/register-store.js'
import { signRegister } from '../../../src/document/register-wire.js'

const clock = systemClock()

function registerOf(identity: OwnIdentity, committee: readonly string[], seq: number): Register {
  const lineage = `0.${committee[0]}.0.`
  const providers = ['east', 'mesh', 'west']
  const head = {
    lineage,
    n: 12,
    provider: 'east',
    committee,
    providers,
    caps: [7, 7, 7, 7, 7],
    parent: 'p'.repeat(32),
  }
  return {
    ...{ voter: identity.voter, seq, participant: identity.voter, joinedAt: 1, lineage, head, caps: providers },
    ...{ warm: { west: 'ready' as const }, promised: 0, votedBallot: -1, voted: null },
    ...{ proposedRound: 0, proposed: null },
  }
}

const api = {
  /** Signs everything beforehand; `run` then only reads. */
  async prepare(voters: number, seconds: number) {
    const people = await Promise.all(Array.from({ length: voters }, createIdentity))
    const committee = people.slice(0, 5).map(({ voter }) => voter)
    const written = await Promise.all(
      Array.from({ length: seconds * voters }, async (_, index) => {
        const identity = people[index % voters] as OwnIdentity
        const register = registerOf(identity, committee, 1 + Math.floor(index / voters))
        return [identity.voter, await signRegister(register, identity, 'room')] as const
      }),
    )
    const doc = new Y.Doc()
    const map = doc.getMap<unknown>('registers')
    const ignore = (): void => undefined
    const store = createRegisterStore({ map, room: 'room', clock, onChange: ignore, reject: ignore })
    return {
      /** One voter after the other, evenly over each second; with `isDry` the entries are of nobody. */
      run: (isDry: boolean) =>
        new Promise<number>((resolve) => {
          let at = 0
          const next = (): void => {
            const entry = written[at]
            if (entry === undefined) {
              clock.after(200, () => resolve(store.registers.size))
              return
            }
            at += 1
            if (!isDry) map.set(entry[0], entry[1])
            clock.after(1000 / voters, next)
          }
          next()
        }),
    }
  },
}

let prepared: Awaited<ReturnType<typeof api.prepare>> | null = null
const page = {
  async prepare(voters: number, seconds: number): Promise<void> {
    prepared = await api.prepare(voters, seconds)
  },
  run: (isDry: boolean): Promise<number> => prepared?.run(isDry) ?? Promise.reject(new Error('not prepared')),
}

declare global {
  interface Window {
    verification: typeof page
  }
}

window.verification = page
