/**
 * Commands of scenarios about the document itself: real Y.Docs that sync at once, real signatures, the production
 * register store. Voters have the hash of a fresh key as their id; people and versions are printed by name.
 */
import * as Y from 'yjs'
import { genesisLineage } from '../../src/consensus/lineage.js'
import { makeRecord } from '../../src/consensus/record.js'
import { freshRegister, type Register } from '../../src/consensus/register.js'
import { createIdentity, type Identity } from '../../src/document/identity.js'
import type { OwnRegister } from '../../src/document/own-register.js'
import { createRegisterStore, type RegisterStore } from '../../src/document/register-store.js'
import { signRegister } from '../../src/document/register-wire.js'
import { manualClock } from '../unit/document/manual-clock.js'
import { type Player, wordsOf } from './script.js'

const ROOM = 'scenario'
const CAPS = ['east', 'west', 'mesh']

interface Tab {
  readonly name: string
  readonly doc: Y.Doc
  readonly map: Y.Map<unknown>
  readonly store: RegisterStore
  readonly identity: Identity
  readonly own: OwnRegister
  register: Register | null
}

/** A player for one scenario. */
export function newDocumentPlayer(): Player {
  const tabs = new Map<string, Tab>()
  const clock = manualClock()
  /** What a value in the map is. */
  const labels = new Map<unknown, string>()
  let told: string[] = []

  const tab = (name: string): Tab => {
    const found = tabs.get(name)
    if (found === undefined) throw new Error(`no tab ${name}`)
    return found
  }
  const nameOf = (voter: string): string =>
    [...tabs.values()].find(({ identity }) => identity.voter === voter)?.name ?? voter
  const rest = async (): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn++) for (const { store } of tabs.values()) await store.settled()
  }
  const open = async (name: string): Promise<void> => {
    const doc = new Y.Doc()
    const map = doc.getMap('registers')
    const identity = await createIdentity()
    const reject = (code: string, voter: string): void =>
      void told.push(`${name} reports ${code} of ${nameOf(voter)}`)
    const store = createRegisterStore({ map, room: ROOM, clock, reject, onChange: () => undefined })
    const [other] = tabs.values()
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== SYNC)
        for (const peer of tabs.values()) if (peer.doc !== doc) Y.applyUpdate(peer.doc, update, SYNC)
    })
    tabs.set(name, { name, doc, map, store, identity, own: store.own(identity), register: null })
    if (other) Y.applyUpdate(doc, Y.encodeStateAsUpdate(other.doc), SYNC)
  }
  const next = (from: Tab, seq: number, words: readonly string[]): Register => {
    const { voter } = from.identity
    const head = makeRecord({
      lineage: genesisLineage(voter),
      n: 1,
      provider: 'east',
      seats: [{ voter, caps: CAPS }],
      parent: '',
    })
    const identity = { voter, participant: from.name, joinedAt: 1, caps: CAPS, warm: {} }
    const want = words[0] === 'want' && words[1] ? { want: { provider: words[1], n: 2 } } : {}
    return { ...freshRegister(identity, head), seq, ...want }
  }

  const commands: Readonly<Record<string, (words: string[]) => Promise<void> | void>> = {
    /** `documents a b c`: tabs that have each written a first register. */
    async documents(names) {
      for (const name of names) await open(name)
      for (const name of names) await commands.write?.([name])
    },
    /** `open d`: a tab that has synced with the first one. */
    open: ([name = '']) => open(name),
    /** `write a want west`: the next register of a. */
    async write([name = '', ...words]) {
      const from = tab(name)
      from.register = next(from, (from.register?.seq ?? 0) + 1, words)
      await from.own.publish(from.register)
      labels.set(from.map.get(from.identity.voter), `${name}:${from.register.seq}`)
    },
    /** `write-again a want mesh`: another register under the seq that a has used last, past its own guard. */
    async 'write-again'([name = '', ...words]) {
      const from = tab(name)
      const seq = from.register?.seq ?? 1
      const signed = await signRegister(next(from, seq, words), from.identity, ROOM)
      labels.set(signed, `${name}:${seq} again`)
      const other = [...tabs.values()].find((one) => one !== from)
      other?.map.set(from.identity.voter, signed)
    },
    /** `overwrite a by c`, `overwrite a by c with a:1` */
    overwrite([name = '', , by = '', , label]) {
      const value = [...labels].find(([, known]) => known === label)?.[0] ?? 'junk'
      tab(by).map.set(tab(name).identity.voter, value)
    },
    /** `delete a by c` */
    delete([name = '', , by = '']) {
      tab(by).map.delete(tab(name).identity.voter)
    },
    /** `wait 300` */
    wait: ([ms]) => void clock.advance(Number(ms)),
    /** What stands in the map, and what each tab goes by. */
    show() {
      const [first] = tabs.values()
      const shown = [...tabs.values()].map(({ name, identity }) => {
        const value = first?.map.get(identity.voter)
        return `${name} ${value === undefined ? 'missing' : (labels.get(value) ?? 'junk')}`
      })
      told.push(`map: ${shown.join(', ')}`)
      for (const { name, store } of tabs.values())
        told.push(`${name} goes by: ${[...tabs.values()].map((of) => counted(store, of)).join(', ')}`)
    },
  }
  return async (command) => {
    told = []
    const [verb = '', ...words] = wordsOf(command)
    const run = commands[verb]
    if (run === undefined) throw new Error(`unknown command: ${command}`)
    await run(words)
    await rest()
    // Signatures are verified in an order of their own; what `show` prints has one.
    return verb === 'show' ? told : told.sort()
  }
}

/** Origin of updates that have been passed on, so that they are not passed on again. */
const SYNC = Symbol('sync')
/** More rounds than reading, folding and answering need. */
const TURNS = 5

function counted(store: RegisterStore, { name, identity }: Tab): string {
  if (store.isExcluded(identity.voter)) return `${name} excluded`
  const register = store.registers.get(identity.voter)
  return register
    ? `${name}:${register.seq}${register.want ? ` wants ${register.want.provider}` : ''}`
    : `no ${name}`
}
