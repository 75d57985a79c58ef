/**
 * Takes CPU time away from one browser with a control group (Linux, root): its encoders, decoders and timers are
 * late like on a machine that is too weak, and nobody else's are.
 */
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'

/** A group of processes with a limit. */
export interface Starvation {
  /** What this starts runs inside the group, with all its children. */
  around<Value>(start: () => Promise<Value>): Promise<Value>
  /** Share of one core; null: no limit. */
  starve(share: number | null): Promise<void>
  close(): Promise<void>
}

const ROOT = '/sys/fs/cgroup/cpu'
const PERIOD_US = 50_000

/** Makes one; null where control groups cannot be written. */
export async function openStarvation(): Promise<Starvation | null> {
  const folder = `${ROOT}/holdfast-corpus-${process.pid}`
  const write = (file: string, text: string | number): Promise<void> =>
    writeFile(`${folder}/${file}`, String(text))
  try {
    await mkdir(folder)
    await write('cpu.cfs_period_us', PERIOD_US)
  } catch {
    // Not root, or another kind of control groups: the scenario is left out and the driver says so.
    return null
  }
  return {
    async around(start) {
      const before = new Set(await children())
      const value = await start()
      for (const pid of await children()) if (!before.has(pid)) await move(folder, pid)
      return value
    },
    starve: (share) => write('cpu.cfs_quota_us', share === null ? -1 : Math.round(PERIOD_US * share)),
    async close() {
      await write('cpu.cfs_quota_us', -1)
      for (const pid of (await readFile(`${folder}/cgroup.procs`, 'utf8')).split('\n').filter(Boolean))
        await writeFile(`${ROOT}/cgroup.procs`, pid).catch(ignoreGone)
      await rmdir(folder)
    },
  }
}

/** Moves a process and all that it has started so far; later children follow by themselves. */
async function move(folder: string, pid: number): Promise<void> {
  await writeFile(`${folder}/cgroup.procs`, String(pid)).catch(ignoreGone)
  for (const child of await childrenOf(pid)) await move(folder, child)
}

const children = (): Promise<readonly number[]> => childrenOf(process.pid)

async function childrenOf(pid: number): Promise<readonly number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const status = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // Fields after the command, which may contain spaces: state, parent.
    if (Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]) === pid) found.push(Number(name))
  }
  return found
}

/** Processes end while they are being listed. */
function ignoreGone(): undefined {
  return undefined
}
