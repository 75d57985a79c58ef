/**
 * Prepares a machine that has nothing but Node and npm. Node built-ins only: it runs before anything is
 * installed. Says one line per thing; what is missing and cannot be got is named together with what that
 * switches off. With CI=true anything missing is a failure.
 *
 * Usage: node scripts/setup.mjs [dependencies] [browser] [firefox] [janus] [redis] [turn] [network]   (none named: all)
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OLDEST_NODE = 20
const isWindows = process.platform === 'win32'
const isDebianRoot = process.getuid?.() === 0 && existsSync('/etc/debian_version') && onPath('apt-get') !== null
/** Ubuntu's `chromium` package is a stub for snap, which does not run in containers. */
const hasChromiumPackage = isDebianRoot && /^ID=debian$/m.test(textOf('/etc/os-release'))

const PARTS = { dependencies, browser, firefox, janus, redis, turn, network }
const missing = []
let isAptFresh = false

const wanted = process.argv.slice(2)
for (const name of wanted)
  if (!(name in PARTS)) {
    say(`unknown part ${name}; there are ${Object.keys(PARTS).join(', ')}`)
    process.exit(2)
  }
if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  say(`Node ${process.versions.node} is too old: Holdfast needs Node ${OLDEST_NODE} or newer`)
  process.exit(1)
}
for (const [name, prepare] of Object.entries(PARTS)) if (wanted.length === 0 || wanted.includes(name)) prepare()
if (missing.length > 0 && process.env.CI === 'true') {
  say(`CI=true, and nothing may be switched off: ${missing.join(', ')} missing`)
  process.exit(1)
}

/** Installs what the lock file names when `node_modules` holds something else. */
function dependencies() {
  const difference = lockDifference()
  if (difference === null) return
  say(`dependencies: ${difference}; npm ci ...`)
  const npm = isWindows ? 'npm.cmd' : 'npm'
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: isWindows,
  })
  if (status === 0) return say('dependencies: installed')
  say('dependencies: npm ci failed; without them nothing runs')
  process.exit(1)
}

/** Null when installed and locked packages agree; otherwise a few words about the first difference. */
function lockDifference() {
  const locked = packagesOf(join(ROOT, 'package-lock.json'))
  const installed = packagesOf(join(ROOT, 'node_modules', '.package-lock.json'))
  if (installed === null) return 'not installed'
  for (const [path, entry] of Object.entries(locked ?? {})) {
    if (path === '') continue
    const found = installed[path]
    // Binaries for other platforms are locked as optional and rightly absent here.
    if (found === undefined && (entry.optional || entry.devOptional || entry.peer)) continue
    if (found?.version !== entry.version) return `${path} differs from the lock file`
  }
  const extra = Object.keys(installed).find((path) => !(path in (locked ?? {})))
  return extra === undefined ? null : `${extra} is not in the lock file`
}

function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : null
}

/** Finds Chromium, or gets it from Debian, or from Playwright. */
function browser() {
  let path = chromiumPath()
  if (path === null && hasChromiumPackage) {
    aptInstall(['chromium', 'fonts-dejavu-core', 'fonts-noto-color-emoji'])
    path = chromiumPath()
  }
  if (path === null && existsSync(join(ROOT, 'node_modules/playwright/cli.js'))) {
    say('browser: none found; downloading Chromium with Playwright ...')
    const withSystemLibraries = isDebianRoot ? ['--with-deps'] : []
    run(process.execPath, ['node_modules/playwright/cli.js', 'install', ...withSystemLibraries, 'chromium'])
    path = chromiumPath()
  }
  if (path === null) lacks('Chromium', 'browser tests and browser benchmarks')
  else say(`browser: ${path}`)
}

/** Same order as test/support/chromium.ts; each candidate must start. */
function chromiumPath() {
  const own = playwrightChromium()
  const named = ['chromium', 'google-chrome', 'chromium-browser', 'google-chrome-stable'].map(onPath)
  for (const path of [process.env.HOLDFAST_CHROMIUM ?? null, own, ...named])
    if (path && isExecutable(path) && spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0)
      return path
  return null
}

function playwrightChromium() {
  try {
    return createRequire(join(ROOT, 'package.json'))('playwright').chromium.executablePath()
  } catch {
    // Not installed: then it cannot tell where its browser would be.
    return null
  }
}

/** Debian's Firefox ESR, else whatever is called so; same names as in test/support/firefox.ts. */
function firefox() {
  const found = () => process.env.HOLDFAST_FIREFOX ?? onPath('firefox-esr') ?? onPath('firefox')
  if (hasChromiumPackage && found() === null) aptInstall(['firefox-esr'])
  const path = found()
  if (path === null) lacks('Firefox', 'tests of calls in Firefox')
  else say(`firefox: ${path}`)
}

/** A real Janus server and a C compiler: the tests' rig builds a small loopback shim for it. */
function janus() {
  const absent = () => [
    ...(onPath('janus') ? [] : ['janus']),
    ...(onPath('gcc') || onPath('cc') ? [] : ['gcc']),
    ...(existsSync('/usr/include/stdio.h') ? [] : ['libc6-dev']),
  ]
  if (isDebianRoot && absent().length > 0) aptInstall(absent())
  const left = absent()
  if (left.length > 0) lacks(left.join(' and '), 'tests and benchmarks on a real Janus server')
  else say(`janus: ${onPath('janus')}`)
}

/** A real Redis server, for what several signaling processes share; tests start their own on a free port. */
function redis() {
  if (isDebianRoot && !onPath('redis-server')) aptInstall(['redis-server'])
  const path = onPath('redis-server')
  if (path === null) lacks('redis-server', 'tests and benchmarks of signaling over Redis')
  else say(`redis: ${path}`)
}

/** A real TURN server; tests start their own on a free port. */
function turn() {
  if (isDebianRoot && !onPath('turnserver')) aptInstall(['coturn'])
  const path = onPath('turnserver')
  if (path === null) lacks('coturn', 'tests of relayed connections')
  else say(`turn: ${path}`)
}

/** What the network lab makes and breaks networks with. */
function network() {
  const packages = { ip: 'iproute2', tc: 'iproute2', ss: 'iproute2', nft: 'nftables' }
  const absent = () => [
    ...new Set(
      Object.keys(packages)
        .filter((tool) => !onPath(tool))
        .map((tool) => packages[tool]),
    ),
  ]
  if (isDebianRoot && absent().length > 0) aptInstall(absent())
  const left = absent()
  if (left.length > 0) lacks(left.join(' and '), 'the network lab')
  else say(`network: ${onPath('ip')}, ${onPath('nft')}`)
}

function aptInstall(names) {
  say(`apt-get install ${names.join(' ')} ...`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  if (!isAptFresh) run('apt-get', ['-qq', 'update'], env)
  isAptFresh = true
  run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...names], env)
}

/** Of a command that fails, its first complaint is shown: one line. */
function run(command, parameters, env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, { cwd: ROOT, env, encoding: 'utf8' })
  if (status === 0) return
  const lines = `${error?.message ?? ''}\n${stderr ?? ''}\n${stdout ?? ''}`
    .split('\n')
    .filter((line) => line.trim())
  say(
    `${command} failed: ${lines.find((line) => /error|^E:/i.test(line)) ?? lines.at(-1) ?? `exit code ${status}`}`,
  )
}

function lacks(what, consequence) {
  missing.push(what)
  say(`missing: ${what}; switched off: ${consequence}`)
}

function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    if (folder !== '' && isExecutable(path)) return path
  }
  return null
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Absent or not executable: the same answer.
    return false
  }
}

function textOf(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

function say(line) {
  process.stderr.write(`setup: ${line}\n`)
}
