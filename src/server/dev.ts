/**
 * Everything that a call needs on one machine, without anything installed beside npm packages: signaling, two
 * SFUs that can fail one by one, and the endpoint that makes them fail. What `holdfast dev` runs, and what the
 * demo and the tests start for themselves.
 */
import { fileURLToPath } from 'node:url'
import { HoldfastError } from '../errors.js'
import { startControl } from './control.js'
import { type SfuProcess, startSfuProcess } from './sfu-process.js'
import { startSignaling } from './signaling.js'

/** Options of {@link startDev}. */
export interface DevOptions {
  /** Port of signaling; control and the SFUs take the following ones. 0, the default, takes free ports. */
  readonly port?: number
  /** Names of the SFUs. Default `east` and `west`. */
  readonly sfus?: readonly string[]
  /** Origins that may use the servers beside loopback pages; `null` for pages opened from files. */
  readonly allowOrigins?: readonly string[]
  /** JavaScript file that runs the `holdfast` command. Default: `bin.js` beside this file. */
  readonly entry?: string
}

/** The running servers. */
export interface DevServers {
  /** `ws://127.0.0.1:port`. */
  readonly signalingUrl: string
  /** `http://127.0.0.1:port`; `GET /status`, `POST /sfu/{name}/{kill|hang|resume|restart}`. */
  readonly controlUrl: string
  readonly sfus: readonly SfuProcess[]
  /** SIGKILL. */
  kill(name: string): Promise<void>
  /** SIGSTOP. */
  hang(name: string): Promise<void>
  /** SIGCONT. */
  resume(name: string): Promise<void>
  /** Starts the SFU anew on the same port. */
  restart(name: string): Promise<void>
  close(): Promise<void>
}

/** Names go into addresses and provider ids. */
const SFU_NAME = /^[a-z0-9-]{1,24}$/

/** Starts all servers; rejects with `dependency-missing`, `command-failed` or `invalid-options`. */
export async function startDev(options: DevOptions = {}): Promise<DevServers> {
  const names = options.sfus ?? ['east', 'west']
  for (const name of names)
    if (!SFU_NAME.test(name) || names.indexOf(name) !== names.lastIndexOf(name))
      throw new HoldfastError('invalid-options', {
        message: `SFU names must be different and match ${SFU_NAME.source}: "${name}".`,
      })
  const entry = options.entry ?? fileURLToPath(new URL('./bin.js', import.meta.url))
  const allowOrigins = options.allowOrigins ?? []
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    await Promise.all(closers.splice(0).map((closeOne) => closeOne()))
  }
  try {
    const port = (offset: number): number => (options.port ? options.port + offset : 0)
    const signaling = await startSignaling({ port: port(0), allowOrigins })
    closers.push(signaling.close)
    const sfus = await startAll(names, (name, index) =>
      startSfuProcess({ name, port: port(2 + index), entry, allowOrigins }),
    )
    closers.push(...sfus.map((sfu) => sfu.kill))
    const control = await startControl({ port: port(1), signalingUrl: signaling.url, sfus, allowOrigins })
    closers.push(control.close)
    return {
      ...handle(sfus),
      signalingUrl: signaling.url,
      controlUrl: `http://127.0.0.1:${control.port}`,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function startAll(
  names: readonly string[],
  start: (name: string, index: number) => Promise<SfuProcess>,
): Promise<SfuProcess[]> {
  const started = await Promise.allSettled(names.map(start))
  const sfus = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failure = started.find((result) => result.status === 'rejected')
  if (failure === undefined) return sfus
  // None is left behind when one could not be started.
  await Promise.all(sfus.map((sfu) => sfu.kill()))
  throw failure.reason
}

function handle(sfus: readonly SfuProcess[]) {
  const find = (name: string): SfuProcess => {
    const sfu = sfus.find((candidate) => candidate.name === name)
    if (!sfu) throw new HoldfastError('command-failed', { message: `There is no SFU named "${name}".` })
    return sfu
  }
  return {
    sfus,
    kill: async (name: string) => find(name).kill(),
    hang: async (name: string) => find(name).hang(),
    resume: async (name: string) => find(name).resume(),
    restart: async (name: string) => find(name).restart(),
  }
}
