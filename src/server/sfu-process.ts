/**
 * An SFU in a process of its own, so that it can be killed and hung like a real server. It keeps its port over
 * restarts, and it ends with its parent: the channel between them closes even when the parent is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { HoldfastError } from '../errors.js'

/** Where the process stands. */
export type SfuState = 'starting' | 'running' | 'hung' | 'dead'

/** An SFU process under control. */
export interface SfuProcess {
  readonly name: string
  /** `http://127.0.0.1:port`; the same over restarts. */
  readonly url: string
  /** Of the present process; undefined while dead. */
  readonly pid: number | undefined
  readonly state: SfuState
  /** SIGKILL, also while starting; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP: the sockets stay open and nothing answers. Resolves when the process stands still. */
  hang(): Promise<void>
  /** SIGCONT. */
  resume(): Promise<void>
  /** Kills if needed, starts anew on the same port, resolves when it serves. */
  restart(): Promise<void>
}

/** What a process is started with. */
export interface SfuProcessOptions {
  readonly name: string
  /** 0 takes a free port. */
  readonly port: number
  /** JavaScript file that runs the `holdfast` command. */
  readonly entry: string
  readonly allowOrigins: readonly string[]
}

/** A start imports the WebRTC stack and rehearses once: 0.5 s on an idle machine, several on a busy one. */
const START_LIMIT_MS = 20_000

/** Starts one; rejects with `dependency-missing` or `command-failed`. */
export async function startSfuProcess(options: SfuProcessOptions): Promise<SfuProcess> {
  let { child, ready } = launch(options, options.port)
  const port = await ready
  let isHung = false
  let isStarting = false

  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    if (!isAlive() || !child.kill(name))
      throw new HoldfastError('command-failed', { message: `The SFU "${options.name}" is not running.` })
    isHung = name === 'SIGSTOP'
  }
  const kill = async (): Promise<void> => {
    if (!isAlive()) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGKILL')
    await gone
  }
  return {
    name: options.name,
    url: `http://127.0.0.1:${port}`,
    get pid() {
      return isAlive() ? child.pid : undefined
    },
    get state() {
      if (isStarting) return 'starting'
      if (!isAlive()) return 'dead'
      return isHung ? 'hung' : 'running'
    },
    kill,
    async hang() {
      signal('SIGSTOP')
      // The signal takes effect a moment later; a failover that is measured must not begin before.
      while (isHung && isAlive() && child.pid !== undefined && !(await isStopped(child.pid))) await delay(1)
    },
    async resume() {
      signal('SIGCONT')
    },
    async restart() {
      if (isStarting)
        throw new HoldfastError('command-failed', { message: `The SFU "${options.name}" is starting.` })
      isStarting = true
      try {
        await kill()
        ;({ child, ready } = launch(options, port))
        isHung = false
        await ready
      } finally {
        isStarting = false
      }
    },
  }
}

async function isStopped(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The state follows the command name, which is in brackets and may itself contain any character.
    return stat[stat.lastIndexOf(')') + 2] === 'T'
  } catch {
    // Not Linux, or the process has just ended: nothing can be seen, and nothing is waited for.
    return true
  }
}

interface Launch {
  readonly child: ChildProcess
  /** The port it serves on; rejects when it ends before that, or is killed. */
  readonly ready: Promise<number>
}

function launch(options: SfuProcessOptions, port: number): Launch {
  const origins = options.allowOrigins.flatMap((origin) => ['--allow-origin', origin])
  const child = spawn(process.execPath, [options.entry, 'sfu', '--port', String(port), ...origins], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ready = new Promise<number>((resolve, reject) => {
    const fail = (error: HoldfastError): void => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(error)
    }
    const timer = setTimeout(
      () => fail(new HoldfastError('command-failed', { message: `The SFU "${options.name}" did not start.` })),
      START_LIMIT_MS,
    )
    child.on('error', (cause) => fail(new HoldfastError('command-failed', { cause })))
    child.on('exit', () =>
      fail(new HoldfastError('command-failed', { message: `The SFU "${options.name}" ended while starting.` })),
    )
    child.once('message', (message: SfuMessage) => {
      if ('code' in message) {
        fail(new HoldfastError(message.code, { message: message.message }))
        return
      }
      clearTimeout(timer)
      resolve(message.port)
    })
  })
  return { child, ready }
}

/** What the SFU process tells its parent once. */
export type SfuMessage =
  | { readonly port: number }
  | { readonly code: 'dependency-missing' | 'command-failed'; readonly message: string }
