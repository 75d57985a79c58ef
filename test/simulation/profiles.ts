/** Fault mixes. Each turns a seed into one run: start, faults, heal, settle. */
import { unsettled } from './checks.js'
import { CLEAN, healAll, type LinkFaults, partition, ROUGH } from './faults.js'
import type { Node } from './node.js'
import { World } from './world.js'

export type Profile = 'calm' | 'partition' | 'churn' | 'contend' | 'storm'

/** All profiles. */
export const PROFILES: readonly Profile[] = ['calm', 'partition', 'churn', 'contend', 'storm']

/** How long a healed world may take until everybody agrees and is quiet. */
const SETTLE_LIMIT_MS = 60_000

/** Runs one seed; throws when S1, S3 or an invariant breaks, returns what is unsettled after the heal. */
export function runSeed(
  profile: Profile,
  seed: number,
): { readonly world: World; readonly problems: string[] } {
  const world = new World({ seed, faults: FAULTS[profile] })
  const { random } = world
  const size = random.between(2, 8)
  for (let index = 0; index < size; index++)
    world.after(random.between(0, profile === 'calm' ? 50 : 4000), () => world.join(`p${index}`))
  world.run(random.between(500, 6000))
  const steps = profile === 'calm' ? 3 : random.between(6, 20)
  for (let index = 0; index < steps; index++) {
    const fault = random.pick(MIXES[profile])
    FAULT[fault](world)
    world.run(profile === 'contend' ? random.between(10, 1250) : random.between(50, 5000))
  }
  heal(world)
  world.runUntil(() => unsettled(world).length === 0 && world.now - world.lastPublishAt > 8000, SETTLE_LIMIT_MS)
  const problems = unsettled(world)
  if (problems.length === 0 && world.now - world.lastPublishAt <= 8000) problems.push('never quiet')
  return { world, problems }
}

type Fault =
  | 'want'
  | 'join'
  | 'leave'
  | 'crash'
  | 'refresh'
  | 'freeze'
  | 'thaw'
  | 'cut'
  | 'split'
  | 'heal'
  | 'kill'
  | 'revive'
  | 'two-wants'
  | 'unreachable'
  | 'duplicate'

const FAULTS: Record<Profile, LinkFaults> = {
  calm: CLEAN,
  partition: ROUGH,
  churn: ROUGH,
  contend: { ...ROUGH, maxDelayMs: 900 },
  storm: { ...ROUGH, maxDelayMs: 1500, loss: 0.25 },
}

const MIXES: Record<Profile, readonly Fault[]> = {
  calm: ['want', 'two-wants', 'join', 'kill'],
  partition: ['split', 'split', 'cut', 'heal', 'want', 'two-wants', 'kill', 'freeze', 'thaw'],
  churn: [
    'join',
    'join',
    'leave',
    'leave',
    'crash',
    'refresh',
    'refresh',
    'want',
    'kill',
    'revive',
    'unreachable',
    'duplicate',
  ],
  contend: ['cut', 'cut', 'want', 'want', 'two-wants', 'heal', 'freeze', 'thaw', 'join', 'leave'],
  storm: [
    'join',
    'leave',
    'crash',
    'refresh',
    'freeze',
    'thaw',
    'cut',
    'split',
    'heal',
    'kill',
    'revive',
    'want',
    'two-wants',
    'unreachable',
  ],
}

const FAULT: Record<Fault, (world: World) => void> = {
  want: (world) =>
    withNode(world, (node) =>
      world.input(node, { type: 'want', provider: world.random.pick(node.state.caps) }),
    ),
  'two-wants': (world) => {
    for (const node of world.random.shuffle(world.up()).slice(0, 2))
      world.input(node, { type: 'want', provider: world.random.pick(node.state.caps) })
  },
  join: (world) => {
    if (world.up().length < 10) world.join(`p${world.nodes.length}`)
  },
  duplicate: (world) => {
    if (world.up().length < 10) withNode(world, (node) => world.join(node.participant, node.state.caps))
  },
  leave: (world) => {
    if (world.up().length > 2) withNode(world, (node) => world.leave(node))
  },
  crash: (world) => {
    if (world.up().length > 2) withNode(world, (node) => world.crash(node))
  },
  refresh: (world) =>
    withNode(world, (node) => {
      if (world.random.chance(0.6)) world.leave(node)
      else world.crash(node)
      world.after(world.random.between(50, 1500), () => world.join(node.participant, node.state.caps))
    }),
  freeze: (world) => withNode(world, (node) => world.freeze(node)),
  thaw: (world) => {
    for (const node of world.up()) if (node.isFrozen && world.random.chance(0.6)) world.thaw(node)
  },
  cut: (world) => {
    const nodes = world.up()
    if (nodes.length < 2) return
    const [one, other] = world.random.shuffle(nodes)
    if (one && other) world.setCut(one, other, true)
  },
  split: (world) => {
    const nodes = world.random.shuffle(world.up())
    const at = world.random.between(1, Math.max(1, nodes.length - 1))
    partition(world, [nodes.slice(0, at), nodes.slice(at)])
  },
  heal: (world) => healAll(world),
  kill: (world) => {
    if (world.dead.size < 2) world.killProvider(world.random.pick(['east', 'mesh', 'west']))
  },
  revive: (world) => {
    const [provider] = world.dead
    if (provider) world.reviveProvider(provider)
  },
  unreachable: (world) =>
    withNode(world, (node) =>
      world.unreachable.add(`${node.id}/${world.random.pick(['east', 'mesh', 'west'])}`),
    ),
}

function withNode(world: World, act: (node: Node) => void): void {
  const nodes = world.up()
  if (nodes.length > 0) act(world.random.pick(nodes))
}

function heal(world: World): void {
  world.faults = CLEAN
  world.unreachable.clear()
  for (const provider of [...world.dead]) if (world.dead.size > 1) world.reviveProvider(provider)
  for (const node of world.nodes) world.thaw(node)
  healAll(world)
}
