/** Signaling servers as processes of their own, their metrics, and the processes that load them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { serverEntry } from '../../test/support/dev.js'

/** A running `holdfast signaling`. */
export interface ServerProcess {
  readonly url: string
  /** Null while it runs. */
  readonly exitCode: () => number | null
  /** Value of a metric by its series, e.g. `process_cpu_seconds_total`. */
  metrics(): Promise<(series: string) => number>
  /** SIGTERM; resolves when it has ended. */
  close(): Promise<void>
}

/** Starts one as an operator would; `env` adds to the environment. */
export async function startServer(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const entry = await serverEntry()
  const child = spawn(process.execPath, [entry, 'signaling', '--port', '0', '--metrics'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) => {
      const { event, url: address } = JSON.parse(line) as { event: string; url?: string }
      if (event === 'listening' && address !== undefined) resolve(address)
    })
  })
  return {
    url,
    exitCode: () => child.exitCode ?? (child.signalCode === null ? null : 1),
    async metrics() {
      const page = await (await fetch(`${url.replace('ws', 'http')}/metrics`)).text()
      return (series) =>
        Number(
          page
            .split('\n')
            .find((line) => line.startsWith(`${series} `))
            ?.split(' ')
            .at(-1),
        )
    },
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** A process that loads servers: takes orders as JSON lines and answers each with one. */
export interface LoadProcess {
  order<Answer>(order: object): Promise<Answer>
  close(): void
}

/** Starts `bench/support/NAME.ts` as a process of its own. */
export async function startLoad(name: string): Promise<LoadProcess> {
  const outfile = join('node_modules/.cache/holdfast-bench', `${name}.mjs`)
  await build({
    entryPoints: [`bench/support/${name}.ts`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  const child = spawn(process.execPath, [outfile], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async order<Answer>(order: object) {
      child.stdin.write(`${JSON.stringify(order)}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`${name} ended`)
      return JSON.parse(value) as Answer
    },
    close: () => void child.kill(),
  }
}

/** The other end of {@link startLoad}: carries out orders one after the other. */
export async function takeOrders<Order>(carryOut: (order: Order) => Promise<unknown>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await carryOut(JSON.parse(line) as Order))}\n`)
}
