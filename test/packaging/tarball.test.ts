/** The packed package, installed into an empty app: what it brings, and what it says about what it does not. */
import { type ExecFileException, execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dependencies?: Readonly<Record<string, string>>; readonly optional?: boolean }>
  >
}
interface Packed {
  readonly filename: string
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

/** Installing waits for the registry where the cache lacks a package. */
const INSTALL_LIMIT_MS = 180_000
/** The first build packed 1.1 MB with the script-tag file; a stray source map would double it. */
const UNPACKED_MAX_BYTES = 2_500_000
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

let folder: string
let packed: Packed
let installed: readonly string[]

beforeAll(async () => {
  expect(existsSync('dist/index.js'), 'run npm run build first').toBe(true)
  folder = mkdtempSync(join(tmpdir(), 'holdfast-tarball-'))
  const report = await run(npm, ['pack', '--json', '--pack-destination', folder], process.cwd())
  packed = (JSON.parse(report.stdout) as Packed[])[0] as Packed
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
  const install = await run(npm, ['install', ...flags, `./${packed.filename}`], folder)
  expect(install.code, install.stderr).toBe(0)
  const lock = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8')) as Lock
  installed = Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1) ?? '')
}, INSTALL_LIMIT_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the tarball', () => {
  it('holds the build and the documents, and nothing of the workshop', () => {
    const foreign = packed.files
      .map(({ path }) => path)
      .filter(
        (path) =>
          !/^(dist\/.+\.(js|d\.ts)|docs\/[a-z]+\.md|LICENSE|(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md|package\.json)$/.test(
            path,
          ),
      )
    expect(foreign).toEqual([])
    expect(packed.unpackedSize).toBeLessThan(UNPACKED_MAX_BYTES)
  })

  it('names no path of the machine that built it', async () => {
    for (const { path } of packed.files)
      expect(
        readFileSync(join(folder, 'node_modules/holdfast', path), 'utf8').includes(process.cwd()),
        path,
      ).toBe(false)
  })
})

describe('installing it into an app', () => {
  it('brings what the browser needs and nothing for servers, React or tests', () => {
    // y-webrtc lists ws as optional for its own signaling server; npm installs that, we do not ask for it.
    const others = installed.filter((name) => name !== 'ws')
    expect(others).toEqual(
      expect.arrayContaining(['holdfast', 'yjs', 'y-webrtc', 'simple-peer', 'comlink', 'idb']),
    )
    const needed = closureOf(['holdfast'])
    expect(others.filter((name) => !needed.has(name))).toEqual([])
    for (const name of [
      'werift',
      'jose',
      'prom-client',
      'ioredis',
      'react',
      'playwright',
      'vitest',
      'typescript',
      'esbuild',
    ])
      expect(others).not.toContain(name)
  })

  it('has entries that import there', async () => {
    const script = "const { createCall } = await import('holdfast'); process.stdout.write(typeof createCall)"
    const result = await run(process.execPath, ['--input-type=module', '-e', script], folder)
    expect(result).toEqual({ code: 0, stdout: 'function', stderr: '' })
  })
})

describe('npx holdfast dev in that app', () => {
  it('names the missing package and the command that installs it, and exits with 1', async () => {
    const result = await run(
      process.execPath,
      [join(folder, 'node_modules/holdfast/dist/server/bin.js'), 'dev'],
      folder,
    )
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('npm install --save-dev werift ws')
    expect(result.stderr).toContain('dependency-missing')
  })

  it('names what tokens, metrics and Redis need, all at once', async () => {
    const command = join(folder, 'node_modules/holdfast/dist/server/bin.js')
    const result = await run(process.execPath, [command, 'signaling', '--port', '0', '--metrics'], folder)
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('npm install ws jose prom-client ioredis')
  })

  it('is linked as a command that explains itself without them', async () => {
    const result = await run(join(folder, 'node_modules/.bin/holdfast'), ['--help'], folder)
    expect(result.code).toBe(0)
    expect(result.stdout).toContain('holdfast dev')
  })
})

/** Names of everything that a package needs, by the manifests that were installed; optional ones left out. */
function closureOf(roots: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const open = [...roots]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue
    found.add(name)
    const file = join(folder, 'node_modules', name, 'package.json')
    if (!existsSync(file)) continue
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as {
      dependencies?: Record<string, string>
      peerDependencies?: Record<string, string>
      peerDependenciesMeta?: Record<string, { optional?: boolean }>
    }
    open.push(...Object.keys(manifest.dependencies ?? {}))
    for (const peer of Object.keys(manifest.peerDependencies ?? {}))
      if (manifest.peerDependenciesMeta?.[peer]?.optional !== true) open.push(peer)
  }
  return found
}

function run(command: string, parameters: readonly string[], cwd: string) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const done = (error: ExecFileException | null, stdout: string, stderr: string): void =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr })
    execFile(command, [...parameters], { cwd, encoding: 'utf8', timeout: INSTALL_LIMIT_MS }, done)
  })
}
