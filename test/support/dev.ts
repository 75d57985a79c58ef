/**
 * Starts the development servers for tests from source: the command is bundled once per change of the sources,
 * because the SFU processes run plain JavaScript. Ports are free ones, so workers do not meet.
 */
import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type DevOptions, type DevServers, startDev } from '../../src/server/dev.js'

/** Inside node_modules, so that the bundle finds `ws` and `werift` there. */
const BUNDLE_FOLDER = join('node_modules', '.cache', 'holdfast')

let bundle: Promise<string> | undefined

/** Path of the bundled `holdfast` command. */
export function serverEntry(): Promise<string> {
  bundle ??= bundleServer()
  return bundle
}

/**
 * Starts signaling, the SFUs `east` and `west`, and the control endpoint; close it in the end. The SFUs get their turn
 * before browsers do.
 */
export async function startTestDev(options: Omit<DevOptions, 'entry'> = {}): Promise<DevServers> {
  const dev = await startDev({ ...options, entry: await serverEntry() })
  giveTurns(dev)
  return {
    ...dev,
    async restart(name) {
      await dev.restart(name)
      giveTurns(dev)
    },
  }
}

/**
 * A media server has a machine of its own; here it shares two cores with everybody's browsers, and its timers were
 * late by half a second and more 150 times in five minutes. A page cannot tell that from a server that hangs.
 */
function giveTurns({ sfus }: DevServers): void {
  for (const { pid } of sfus) {
    try {
      if (pid !== undefined) setPriority(pid, SERVER_NICENESS)
    } catch {
      // Only root may, and there a test that is slow is slow.
    }
  }
}

/** As Chromium's own threads for sound. */
const SERVER_NICENESS = -8

async function bundleServer(): Promise<string> {
  const result = await build({
    entryPoints: ['src/server/bin.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
  })
  const text = result.outputFiles[0]?.text ?? ''
  const name = `server-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.mjs`
  const path = join(process.cwd(), BUNDLE_FOLDER, name)
  await mkdir(BUNDLE_FOLDER, { recursive: true })
  // Renamed into place, because other workers may be starting the same file.
  const partial = `${path}.${process.pid}`
  await writeFile(partial, text)
  await rename(partial, path)
  return path
}
