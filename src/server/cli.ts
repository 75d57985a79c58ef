/**
 * The `holdfast` command: `dev` for one machine, `signaling` for a server. Arguments in, text out; the process
 * itself (streams, environment, exit code, signals) is handed in by bin.ts, so that tests run it in place.
 *
 * Secrets come from the environment: arguments show in every list of processes.
 */
import { parseArgs } from 'node:util'
import { isHoldfastError } from '../errors.js'
import { type DevServers, startDev } from './dev.js'
import { LOOPBACK_HOST } from './loopback.js'
import { createJournal } from './signaling/journal.js'
import type { SignalingOptions } from './signaling/options.js'
import { redisBus } from './signaling/redis-bus.js'
import type { TokenOptions } from './signaling/room-tokens.js'
import { startSignaling } from './signaling.js'

/** What the command may touch. */
export interface CliIo {
  /** Arguments after the command's own name. */
  readonly argv: readonly string[]
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** File that runs this command again, for the SFU processes. */
  readonly entry: string
  readonly out: (line: string) => void
  readonly error: (line: string) => void
  /** Resolves when the command is asked to end. */
  readonly ended: Promise<void>
  /** Runs the internal `sfu` command. */
  readonly runSfu: (options: { port: number; allowOrigins: readonly string[] }) => Promise<void>
}

/** Port that `dev` and `signaling` take unless told otherwise; y-webrtc's own examples use it too. */
const DEFAULT_PORT = 4444

const HELP = `holdfast: keeps browser calls alive

  holdfast dev [--port N] [--sfu east,west] [--allow-origin URL]
      Signaling, SFUs that can be killed one by one, and the endpoint that kills them, on this machine.
      Ports: N signaling, N+1 control, N+2 and up the SFUs. Default ${DEFAULT_PORT}; 0 takes free ones.

  holdfast signaling [--port N] [--host ADDRESS] [--allow-origin URL] [--metrics]
                     [--jwks URL] [--issuer NAME] [--audience NAME] [--redis-prefix TEXT]
      The signaling server, made for the internet. Default ${LOOPBACK_HOST}:${DEFAULT_PORT}. Logs JSON lines.
      HOLDFAST_TOKEN_SECRET  checks room tokens with this secret; or --jwks with the public keys at URL
      HOLDFAST_REDIS_URL     shares rooms with the other processes on this Redis

  --allow-origin may be repeated; servers on loopback also serve pages on loopback.
`

/** Which options each command knows; one that would be passed over in silence is refused. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  dev: ['port', 'sfu', 'allow-origin'],
  signaling: ['port', 'host', 'allow-origin', 'metrics', 'jwks', 'issuer', 'audience', 'redis-prefix'],
  sfu: ['port', 'allow-origin'],
}

/** Runs the command; resolves to its exit code. */
export async function runCli(io: CliIo): Promise<number> {
  try {
    const { values, positionals } = parse(io.argv)
    const [command, ...extra] = positionals
    if (values.help === true || command === undefined || command === 'help') {
      io.out(HELP)
      return command === undefined && values.help !== true ? 1 : 0
    }
    const known = OPTIONS[command]
    if (known === undefined) throw new TypeError(`Unknown command: ${command}`)
    if (extra.length > 0) throw new TypeError(`Unexpected argument: ${extra[0]}`)
    const foreign = Object.keys(values).find((name) => !known.includes(name))
    if (foreign !== undefined) throw new TypeError(`"${command}" has no option --${foreign}`)
    const port = portOf(values.port)
    const allowOrigins = values['allow-origin'] ?? []
    if (command === 'dev') await dev(io, port, values.sfu, allowOrigins)
    else if (command === 'signaling') await signaling(io, signalingOptions(io, port, values))
    else await io.runSfu({ port, allowOrigins })
    return 0
  } catch (error) {
    io.error(explain(error))
    return 1
  }
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      port: { type: 'string' },
      host: { type: 'string' },
      sfu: { type: 'string' },
      'allow-origin': { type: 'string', multiple: true },
      metrics: { type: 'boolean' },
      jwks: { type: 'string' },
      issuer: { type: 'string' },
      audience: { type: 'string' },
      'redis-prefix': { type: 'string' },
    },
  })
}

type Values = ReturnType<typeof parse>['values']

function portOf(value: string | undefined): number {
  const port = value === undefined ? DEFAULT_PORT : Number(value)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(`Not a port (0 to 65535): ${value}`)
  return port
}

async function dev(
  io: CliIo,
  port: number,
  sfus: string | undefined,
  allowOrigins: readonly string[],
): Promise<void> {
  const servers = await startDev({
    port,
    entry: io.entry,
    allowOrigins,
    ...(sfus === undefined ? {} : { sfus: sfus.split(',') }),
  })
  for (const line of describeServers(servers)) io.out(line)
  await io.ended
  await servers.close()
}

async function signaling(io: CliIo, options: SignalingOptions): Promise<void> {
  const server = await startSignaling(options)
  await io.ended
  await server.drain()
}

function signalingOptions(io: CliIo, port: number, values: Values): SignalingOptions {
  const tokens = tokenOptions(io, values)
  const redisUrl = io.env.HOLDFAST_REDIS_URL
  const prefix = values['redis-prefix']
  return {
    port,
    allowOrigins: values['allow-origin'] ?? [],
    hasMetrics: values.metrics === true,
    journal: createJournal(io.out),
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(tokens === null ? {} : { tokens }),
    ...(redisUrl === undefined
      ? {}
      : { bus: redisBus({ url: redisUrl, ...(prefix === undefined ? {} : { prefix }) }) }),
  }
}

function tokenOptions(io: CliIo, { jwks, issuer, audience }: Values): TokenOptions | null {
  // Set but empty is a mistake that must not let everybody in: it fails as too short.
  const secret = io.env.HOLDFAST_TOKEN_SECRET
  if (secret === undefined && jwks === undefined) {
    // Who asks for an issuer wants tokens checked; starting without would let everybody in.
    if (issuer !== undefined || audience !== undefined)
      throw new TypeError('--issuer and --audience need --jwks or HOLDFAST_TOKEN_SECRET')
    return null
  }
  return {
    ...(secret === undefined ? {} : { secret }),
    ...(jwks === undefined ? {} : { jwksUrl: jwks }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  }
}

function describeServers(servers: DevServers): readonly string[] {
  return [
    `signaling  ${servers.signalingUrl}`,
    `control    ${servers.controlUrl}`,
    ...servers.sfus.map((sfu) => `sfu        ${sfu.url}  ${sfu.name}`),
  ]
}

function explain(error: unknown): string {
  if (isHoldfastError(error)) return `holdfast: ${error.message} (${error.code})`
  const { code, message, port } = error as NodeJS.ErrnoException & { readonly port?: number }
  if (code === 'EADDRINUSE')
    return `holdfast: Port ${port} is taken, perhaps by another "holdfast". Stop that one, or take others: --port N`
  if (error instanceof TypeError || error instanceof RangeError)
    // Of what Node says about an unknown option the first sentence is about us.
    return `holdfast: ${message.split('. ')[0]}. See: npx holdfast --help`
  return `holdfast: ${error instanceof Error ? message : String(error)}`
}
