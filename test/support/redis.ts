/** A Redis server of the test's own on loopback; nothing is written to disk. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { freePort } from './free-port.js'

/** A Redis server that can die and hang. */
export interface TestRedis {
  readonly url: string
  kill(): Promise<void>
  restart(): Promise<void>
  hang(): void
  resume(): void
  close(): Promise<void>
}

/** As Debian and Redis name it. */
const COMMAND = 'redis-server'

/** Whether it is installed. Without it nothing is switched off in CI, and elsewhere it is said why. */
export function hasRedis(): boolean {
  if (spawnSync(COMMAND, ['--version'], { stdio: 'ignore' }).status === 0) return true
  if (process.env.CI === 'true') throw new Error('redis-server is missing; in CI nothing may be switched off')
  process.stderr.write('skipped: tests over Redis, because redis-server is not installed (npm run setup)\n')
  return false
}

/** Starts one on a free port; resolves when it answers. */
export async function startRedis(): Promise<TestRedis> {
  const port = await freePort()
  let child = await start(port)
  const kill = (): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        resolve()
        return
      }
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    })
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async restart() {
      await kill()
      child = await start(port)
    },
    hang: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    close: kill,
  }
}

function start(port: number): Promise<ChildProcess> {
  const parameters = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = spawn(COMMAND, [...parameters, '--dir', tmpdir()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
    let output = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
      if (output.includes('Ready to accept connections')) resolve(child)
    })
  })
}
