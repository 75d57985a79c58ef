/**
 * Commands of scenarios that are played in a whole call with virtual time. Times are milliseconds since the start;
 * links take 50 ms, a connection 300 ms, and a page needs 300 ms to see its provider die.
 */
import { statusOf } from '../../src/consensus/status.js'
import { Network } from './network.js'
import type { Page } from './page.js'
import { type Player, wordsOf } from './script.js'
import { recordWords } from './words.js'

const CAPS = ['east', 'west', 'mesh']
/** `run until quiet` ends after so long without news, or at its limit. */
const QUIET_MS = 9000
const QUIET_LIMIT_MS = 60_000

/** A player for one scenario. */
export function newCallPlayer(): Player {
  let told: string[] = []
  const network = new Network((line) => told.push(line))
  return (command) => {
    told = []
    const [verb = '', ...rest] = wordsOf(command)
    const run = COMMANDS[verb]
    if (run === undefined) throw new Error(`unknown command: ${command}`)
    const said = run(network, rest, () => told.length)
    return [...told, ...(said ?? [])]
  }
}

type Command = (network: Network, words: string[], count: () => number) => readonly string[] | undefined

const COMMANDS: Readonly<Record<string, Command>> = {
  /** `call a b(east,mesh) on east`: everybody has been there for long. */
  call: (network, words) => {
    const on = words.indexOf('on')
    network.settle(words.slice(0, on).map(personOf), words[on + 1] ?? '')
    return status(network)
  },
  /** `open d` or `open c2 as c`: a page is loaded. */
  open: (network, [word = '', as, participant]) => {
    const { name, caps } = personOf(word)
    network.open(name, as === 'as' && participant ? participant : name, caps)
    return undefined
  },
  /** `want a west` */
  want: (network, [name = '', provider = '']) => {
    network.input(network.page(name), { type: 'want', provider })
    return undefined
  },
  /** `go-on b`: a person does not want to wait for the others. */
  'go-on': (network, [name = '']) => {
    network.input(network.page(name), { type: 'go-on' })
    return undefined
  },
  /** `ready west a b`, `ready west`: these pages, or all, are connected to it already. */
  ready: (network, [provider = '', ...names]) => {
    for (const page of pagesOf(network, names))
      network.input(page, { type: 'warm', provider, outcome: 'ready' })
    return undefined
  },
  /** `run 500`, `run until quiet` */
  run: (network, [duration = ''], count) => {
    if (duration !== 'until') network.run(Number(duration))
    else runUntilQuiet(network, count)
    return undefined
  },
  /** `cut a b | c`, `cut a -> b` */
  cut: (network, words) => cut(network, words),
  heal: (network) => {
    const names = [...network.pages.keys()]
    for (const from of names) for (const to of names) network.setCut(from, to, false)
    return undefined
  },
  /** `delay a -> b 400` */
  delay: (network, [from = '', , to = '', delayMs]) => {
    network.setDelay(from, to, Number(delayMs))
    return undefined
  },
  /** `kill east`, `kill east seen by a b` */
  kill: (network, [provider = '', , , ...names]) => {
    network.kill(provider, pagesOf(network, names))
    return undefined
  },
  /** `unreachable west c` */
  unreachable: (network, [provider = '', ...names]) => {
    for (const { name } of pagesOf(network, names)) network.unreachable.add(`${name}/${provider}`)
    return undefined
  },
  freeze: each((page) => {
    page.status = 'frozen'
  }),
  thaw: each((page, network) => network.thaw(page)),
  crash: each((page) => {
    page.status = 'crashed'
  }),
  leave: each((page, network) => network.leave(page)),
  status: (network) => status(network),
}

function each(act: (page: Page, network: Network) => void): Command {
  return (network, names) => {
    for (const page of pagesOf(network, names)) act(page, network)
    return undefined
  }
}

function pagesOf(network: Network, names: readonly string[]): Page[] {
  return names.length === 0 ? [...network.pages.values()] : names.map((name) => network.page(name))
}

function personOf(word: string): { readonly name: string; readonly caps: readonly string[] } {
  const [, name = word, caps] = /^([^(]+)\((.*)\)$/.exec(word) ?? []
  return { name, caps: caps?.split(',') ?? CAPS }
}

function cut(network: Network, words: readonly string[]): undefined {
  const [from = '', arrow, to = ''] = words
  if (arrow === '->') {
    network.setCut(from, to, true)
    return
  }
  const groups = words
    .join(' ')
    .split('|')
    .map((group) => wordsOf(group))
  for (const group of groups)
    for (const rest of groups)
      if (group !== rest) for (const one of group) for (const other of rest) network.setCut(one, other, true)
}

function runUntilQuiet(network: Network, count: () => number): void {
  const end = network.now + QUIET_LIMIT_MS
  let known = count()
  let quietSince = network.now
  network.runUntil(() => {
    if (count() !== known) {
      known = count()
      quietSince = network.now
    }
    return network.now - quietSince >= QUIET_MS || network.now >= end
  }, QUIET_LIMIT_MS)
}

function status(network: Network): string[] {
  return [...network.pages.values()].map((page) => {
    const { register, voter } = page.state
    const who = `${page.name.padEnd(4)}${page.status === 'up' ? '' : ` ${page.status},`}`
    if (register === null) return `${who} ${page.state.phase}`
    const seat = register.head.committee.includes(voter) ? 'member' : 'observer'
    const want = register.want ? `, wants ${register.want.provider}` : ''
    return `${who} ${recordWords(register.head)}, ${statusOf(page.state, network.view(page))}, ${seat} as ${voter}${want}`
  })
}
