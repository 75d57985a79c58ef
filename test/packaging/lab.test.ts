import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { afterEach, describe, expect, it, type TestContext, vi } from 'vitest'
import { closeNetworks, createNetwork, sweepLeftovers, whyNoNetwork } from '../../bench/lab/network.js'

const why = whyNoNetwork()
const namespacesOf = (pid: number | undefined): string[] =>
  execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith(`holdfast-lab-${pid}-`))

describe('network lab', { timeout: 120_000 }, () => {
  let lab: ChildProcess | null = null
  afterEach(() => {
    lab?.kill('SIGKILL')
    closeNetworks()
    if (why === null) sweepLeftovers()
  })

  /** Starts the command and waits until its networks stand. */
  async function start(): Promise<ChildProcess> {
    lab = spawn(process.execPath, ['scripts/lab.mjs', '--only', 'black hole 90', '--trials', '1'], {
      stdio: 'ignore',
    })
    await vi.waitFor(() => expect(namespacesOf(lab?.pid).length).toBeGreaterThan(2), WAIT)
    return lab
  }

  it('leaves no namespace behind when it is interrupted', async (context) => {
    skipWhere(why, context)
    const interrupted = await start()
    interrupted.kill('SIGINT')
    await vi.waitFor(() => expect(interrupted.exitCode ?? interrupted.signalCode).not.toBeNull(), WAIT)
    expect(namespacesOf(interrupted.pid)).toEqual([])
  })

  it('removes what a killed run has left, and nothing of one that still runs', async (context) => {
    skipWhere(why, context)
    const running = createNetwork(['a'])
    const killed = await start()
    killed.kill('SIGKILL')
    await vi.waitFor(() => expect(killed.signalCode).toBe('SIGKILL'), WAIT)
    sweepLeftovers()
    expect(namespacesOf(killed.pid)).toEqual([])
    expect(namespacesOf(process.pid)).toHaveLength(2)
    running.close()
    expect(namespacesOf(process.pid)).toEqual([])
  })
})

/** The report carries what a test leaves in its meta, but no reason of a skip. */
function skipWhere(reason: string | null, context: TestContext): void {
  if (reason === null) return
  Object.assign(context.task.meta, { reason })
  context.skip()
}

/** A second or two on a machine that has nothing else to do. */
const WAIT = { timeout: 50_000, interval: 50 }
