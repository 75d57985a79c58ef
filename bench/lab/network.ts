/**
 * A small network of the lab's own: network namespaces joined by a bridge, with faults that nft makes in the
 * bridge's namespace. Nothing of the machine's own network is touched, so deleting the namespaces ends it all.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

/** One host: a namespace with one address. */
export interface Host {
  readonly name: string
  readonly namespace: string
  readonly address: string
}

/** A running network. */
export interface Network {
  host(name: string): Host
  /** Cuts a host off from everybody: what it sends and what is sent to it vanishes. */
  blackHole(name: string): Heal
  /** Packets between two hosts vanish; both reach everybody else. */
  cut(one: string, other: string): Heal
  /** Takes the host's bridge port down. */
  portDown(name: string): Heal
  /**
   * The host loses its address for another one, as a telephone that leaves Wi-Fi for cellular does; returns the moment,
   * milliseconds since 1970. Faults that are made by address must not follow.
   */
  newAddress(name: string): number
  /** Caps what goes to the host, in kbit/s. */
  throttle(name: string, kbitPerSecond: number): Heal
  close(): void
}

/** Ends a fault; returns the moment, milliseconds since 1970. */
export type Heal = () => number

/** Null when namespaces and nft work here, else why not. */
export function whyNoNetwork(): string | null {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const [tool, from] of [
    ['ip', 'iproute2'],
    ['tc', 'iproute2'],
    ['nft', 'nftables'],
  ] as const)
    if (spawnSync(tool, ['-V'], { stdio: 'ignore' }).error) return `${tool} is missing (Debian package ${from})`
  const probe = `${PREFIX}${process.pid}-probe`
  const isAllowed = spawnSync('ip', ['netns', 'add', probe], { stdio: 'ignore' }).status === 0
  if (!isAllowed) return 'network namespaces are not allowed here'
  const rules = 'add table netdev t; add chain netdev t c { type filter hook ingress device lo priority 0; }'
  const canDrop = spawnSync('ip', ['netns', 'exec', probe, 'nft', rules], { stdio: 'ignore' }).status === 0
  spawnSync('ip', ['netns', 'del', probe], { stdio: 'ignore' })
  return canDrop ? null : 'nft cannot filter at ingress here'
}

/** Builds one; `names` are its hosts. Several networks may stand side by side. */
export function createNetwork(names: readonly string[]): Network {
  networks += 1
  const prefix = `${PREFIX}${process.pid}-${networks}`
  const hub = `${prefix}-hub`
  const hosts = new Map<string, Host>()
  const made: string[] = []
  const addNamespace = (namespace: string): void => {
    run('ip', 'netns', 'add', namespace)
    made.push(namespace)
    run('ip', '-n', namespace, 'link', 'set', 'lo', 'up')
  }
  const inHub = (...command: string[]): void => run('ip', 'netns', 'exec', hub, ...command)
  let faults = 0
  /** Each rule: what comes in at this host's bridge port and matches is dropped. */
  const drop = (rules: readonly (readonly [host: string, match: string])[]): Heal => {
    faults += 1
    const table = `fault${faults}`
    const chains = rules.map(
      ([host, match], at) =>
        `add chain netdev ${table} c${at} { type filter hook ingress device ${port(host)} priority ${faults}; };` +
        ` add rule netdev ${table} c${at} ${match} drop`,
    )
    inHub('nft', `add table netdev ${table}; ${chains.join('; ')}`)
    return once(() => inHub('nft', `delete table netdev ${table}`))
  }
  const toward = (name: string): string => `ip daddr ${of(name).address}`
  const of = (name: string): Host => {
    const host = hosts.get(name)
    if (host === undefined) throw new Error(`no host ${name}`)
    return host
  }
  const close = (): void => {
    open.delete(close)
    for (const namespace of made.splice(0)) removeNamespace(namespace)
  }
  open.add(close)

  addNamespace(hub)
  inHub('ip', 'link', 'add', 'br0', 'type', 'bridge')
  inHub('ip', 'link', 'set', 'br0', 'up')
  for (const [at, name] of names.entries()) {
    const namespace = `${prefix}-${name}`
    const address = `10.77.0.${FIRST_HOST + at}`
    addNamespace(namespace)
    inHub('ip', 'link', 'add', port(name), 'type', 'veth', 'peer', 'name', 'e0', 'netns', namespace)
    inHub('ip', 'link', 'set', port(name), 'master', 'br0', 'up')
    run('ip', '-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'e0')
    run('ip', '-n', namespace, 'link', 'set', 'e0', 'up')
    // Without a default route Chromium gathers no candidates at all; the gateway need not exist.
    run('ip', '-n', namespace, 'route', 'add', 'default', 'via', GATEWAY)
    hosts.set(name, { name, namespace, address })
  }
  return {
    host: of,
    blackHole: (name) =>
      drop([
        [name, ''],
        ...names.filter((other) => other !== name).map((other) => [other, toward(name)] as const),
      ]),
    cut: (one, other) =>
      drop([
        [one, toward(other)],
        [other, toward(one)],
      ]),
    portDown(name) {
      inHub('ip', 'link', 'set', port(name), 'down')
      return once(() => inHub('ip', 'link', 'set', port(name), 'up'))
    },
    newAddress(name) {
      const { namespace, address } = of(name)
      const next = address.replace(/\d+$/, (last) => String(Number(last) + SECOND_NETWORK))
      const inHost = (...command: string[]): void => run('ip', '-n', namespace, ...command)
      inHost('addr', 'del', `${address}/24`, 'dev', 'e0')
      inHost('addr', 'add', `${next}/24`, 'dev', 'e0')
      // It went with the address that it was reached by.
      inHost('route', 'add', 'default', 'via', GATEWAY)
      hosts.set(name, { name, namespace, address: next })
      return Date.now()
    },
    throttle(name, kbitPerSecond) {
      const shape = ['root', 'tbf', 'rate', `${kbitPerSecond}kbit`, 'burst', '16kb', 'latency', '200ms']
      inHub('tc', 'qdisc', 'add', 'dev', port(name), ...shape)
      return once(() => inHub('tc', 'qdisc', 'del', 'dev', port(name), 'root'))
    },
    close,
  }
}

/** Ends every network that is still open; for signals and failures. */
export function closeNetworks(): void {
  for (const close of [...open]) close()
}

/** Ends what runs that died before they could clean up have left. */
export function sweepLeftovers(): void {
  let names: string[] = []
  try {
    names = readdirSync('/run/netns')
  } catch {
    // There never was a namespace on this machine.
  }
  for (const name of names) {
    const owner = /^holdfast-lab-(\d+)-/.exec(name)?.[1]
    if (owner !== undefined && !isAlive(Number(owner))) removeNamespace(name)
  }
}

const PREFIX = 'holdfast-lab-'
const GATEWAY = '10.77.0.1'
const FIRST_HOST = 11
/** Added to the last byte of an address for the next one; beyond all first ones. */
const SECOND_NETWORK = 100
const open = new Set<() => void>()
let networks = 0

/** Interface names have at most 15 characters. */
const port = (name: string): string => `p-${name}`

function removeNamespace(name: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
  for (const pid of (stdout ?? '').split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has just ended by itself.
    }
  }
  spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function once(task: () => void): Heal {
  let isDone = false
  return () => {
    if (!isDone) task()
    isDone = true
    return Date.now()
  }
}

function run(command: string, ...parameters: string[]): void {
  execFileSync(command, parameters, { stdio: ['ignore', 'ignore', 'pipe'] })
}
