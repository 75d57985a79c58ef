/**
 * Real Janus servers for tests, each with its own configuration in the temporary folder, without root and
 * without a network: a small preloaded library lets Janus gather candidates on loopback, and ends Janus when
 * the test process ends, however it ends.
 *
 * ```ts
 * const east = await startJanus({ name: 'east' })
 * janus({ id: 'east', url: east.url, room: east.room })
 * await east.kill()      // SIGKILL; the socket of each client closes within milliseconds
 * await east.hang()      // SIGSTOP; sockets stay open, nothing answers
 * await east.resume()    // SIGCONT; media does not come back, clients must join anew
 * await east.restart()   // on the same port, rooms empty
 * await east.close()     // and remove its files
 * ```
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { WebSocket } from 'ws'
import { freePort } from './free-port.js'
import { loopbackLibrary } from './janus-loopback.js'

/** Options of {@link startJanus}. */
export interface JanusOptions {
  /** Shown by the server's `info`; also part of the folder's name. */
  readonly name: string
  /** Port of the WebSocket API; 0, the default, takes a free one. */
  readonly wsPort?: number
  /** First and last media port. Default: a range derived from the process and the number of servers in it. */
  readonly rtpPorts?: readonly [number, number]
  /** Video rooms by number with their publisher limits. Default: {@link JanusServer.room} with 20. */
  readonly rooms?: Readonly<Record<number, { readonly publishers: number }>>
  /** Seconds after the last keepalive until a session is dropped. Default 20. */
  readonly sessionTimeoutS?: number
}

/** A running Janus. */
export interface JanusServer {
  readonly name: string
  /** `ws://127.0.0.1:port`; the same over restarts. Subprotocol `janus-protocol`. */
  readonly url: string
  /** Number of the first video room. */
  readonly room: number
  /** Of the present process; undefined while dead. */
  readonly pid: number | undefined
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP; resolves when every thread stands still. */
  hang(): Promise<void>
  /** SIGCONT. */
  resume(): Promise<void>
  /** Kills if needed and starts anew on the same port. */
  restart(): Promise<void>
  /** Kills and removes the configuration. */
  close(): Promise<void>
}

const DEFAULT_ROOM = 1234

/** Two browsers with four connections each need 16; the rest is room for restarts. */
const RTP_PORTS_PER_SERVER = 200

/** Janus answers 80 ms after its start on an idle machine. */
const START_LIMIT_MS = 10_000
const READY_POLL_MS = 20

/** Why Janus cannot be used here; undefined when it can. Print it where tests are skipped. */
export function whyNoJanus(): string | undefined {
  if (janusPath() === undefined) return 'janus is not installed (Debian: apt-get install janus)'
  if (onPath('cc') === undefined)
    return 'no C compiler for the loopback library (Debian: apt-get install gcc libc6-dev)'
  if (pluginFolder() === undefined) return 'the plugins of janus were not found'
  return undefined
}

/** Starts one; rejects when Janus is missing or does not answer in time. */
export async function startJanus(options: JanusOptions): Promise<JanusServer> {
  const reason = whyNoJanus()
  if (reason !== undefined) throw new Error(reason)
  const rooms = options.rooms ?? { [DEFAULT_ROOM]: { publishers: 20 } }
  const wsPort = options.wsPort || (await freePort())
  const url = `ws://127.0.0.1:${wsPort}`
  const [folder, library] = await Promise.all([
    mkdtemp(join(tmpdir(), `holdfast-janus-${options.name}-`)),
    loopbackLibrary(),
  ])
  await writeConfiguration(folder, { ...options, wsPort, rooms, rtpPorts: options.rtpPorts ?? nextRtpPorts() })
  const launch = async (): Promise<ChildProcess> => {
    const started = spawn(janusPath() ?? 'janus', ['-F', folder, '-C', join(folder, 'janus.jcfg')], {
      stdio: 'ignore',
      // A core file of a server that crashes belongs to its folder, which is removed.
      cwd: folder,
      env: { ...process.env, LD_PRELOAD: library },
    })
    await answers(url, started)
    return started
  }
  let child = await launch()
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null
  const kill = async (): Promise<void> => {
    if (!isAlive()) return
    const gone = new Promise<void>((done) => child.once('exit', () => done()))
    child.kill('SIGKILL')
    await gone
  }
  return {
    name: options.name,
    url,
    room: Number(Object.keys(rooms)[0]),
    get pid() {
      return isAlive() ? child.pid : undefined
    },
    kill,
    async hang() {
      child.kill('SIGSTOP')
      // The signal takes effect when each thread is next interrupted; until then some still answer.
      while (isAlive() && child.pid !== undefined && !isStopped(child.pid))
        await new Promise((next) => setTimeout(next, 1))
    },
    async resume() {
      child.kill('SIGCONT')
    },
    async restart() {
      await kill()
      child = await launch()
    },
    async close() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Starts `east` and `west` side by side. */
export async function startTwoJanus(): Promise<{ readonly east: JanusServer; readonly west: JanusServer }> {
  const [east, west] = await Promise.all([startJanus({ name: 'east' }), startJanus({ name: 'west' })])
  return { east, west }
}

function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((task) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')
    // The state follows the command name, which is in brackets and may itself contain any character.
    return stat[stat.lastIndexOf(')') + 2] === 'T'
  })
}

let serversStarted = 0

/** Test workers run side by side: the process id spreads them over 21,000 to 60,999. */
function nextRtpPorts(): readonly [number, number] {
  const ranges = 40_000 / RTP_PORTS_PER_SERVER
  const first = 21_000 + ((process.pid * 7 + serversStarted) % ranges) * RTP_PORTS_PER_SERVER
  serversStarted += 1
  return [first, first + RTP_PORTS_PER_SERVER - 1]
}

/** Writes what Janus is started with (`janus -F FOLDER -C FOLDER/janus.jcfg`); media goes over `address`. */
export async function writeConfiguration(
  folder: string,
  options: Required<Pick<JanusOptions, 'name' | 'wsPort' | 'rtpPorts' | 'rooms'>> & JanusOptions,
  address = '127.0.0.1',
): Promise<void> {
  const base = pluginFolder() ?? ''
  // Empty folders, so that no event handler and no logger is loaded.
  await mkdir(join(folder, 'empty'))
  const files: Record<string, string> = {
    'janus.jcfg': `general: {
  configs_folder = "${folder}"
  plugins_folder = "${join(base, 'plugins')}"
  transports_folder = "${join(base, 'transports')}"
  events_folder = "${join(folder, 'empty')}"
  loggers_folder = "${join(folder, 'empty')}"
  debug_level = 1
  server_name = "${options.name}"
  session_timeout = ${options.sessionTimeoutS ?? 20}
}
certificates: { }
media: { rtp_port_range = "${options.rtpPorts.join('-')}" }
nat: {
  ice_enforce_list = "${address}"
  ice_consent_freshness = true
}
plugins: { disable = "${allBut(join(base, 'plugins'), 'libjanus_videoroom.so')}" }
transports: { disable = "${allBut(join(base, 'transports'), 'libjanus_websockets.so')}" }
`,
    // No ws_ip: with one, Janus binds to the interface and is not reachable under a second address.
    'janus.transport.websockets.jcfg': `general: { json = "compact", ws = true, ws_port = ${options.wsPort}, wss = false }
admin: { admin_ws = false }
`,
    'janus.plugin.videoroom.jcfg': `general: { }
${Object.entries(options.rooms)
  .map(
    ([room, { publishers }]) =>
      `room-${room}: { description = "test", secret = "test", publishers = ${publishers}, bitrate = 512000, fir_freq = 2, audiocodec = "opus", videocodec = "vp8", record = false }`,
  )
  .join('\n')}
`,
  }
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)))
}

function allBut(folder: string, kept: string): string {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.so') && name !== kept)
    .join(',')
}

/** Resolves when the server answers `info`; kills it and rejects when it does not. */
async function answers(url: string, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + START_LIMIT_MS
  while (child.exitCode === null && performance.now() < giveUpAt) {
    if (await answersOnce(url)) return
    await new Promise((next) => setTimeout(next, READY_POLL_MS))
  }
  child.kill('SIGKILL')
  throw new Error(child.exitCode === null ? 'janus does not answer' : `janus ended with ${child.exitCode}`)
}

function answersOnce(url: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = new WebSocket(url, 'janus-protocol', { handshakeTimeout: 1_000 })
    socket.on('open', () => socket.send(JSON.stringify({ janus: 'info', transaction: 'ready' })))
    socket.on('message', () => {
      done(true)
      socket.close()
    })
    socket.on('error', () => done(false))
    socket.on('close', () => done(false))
  })
}

/** Where Janus is; undefined when it is not installed. */
export function janusPath(): string | undefined {
  return onPath('janus')
}

function pluginFolder(): string | undefined {
  const roots = ['/usr/lib', '/usr/local/lib', '/opt/janus/lib']
  const candidates = roots.flatMap((root) => [
    join(root, 'janus'),
    ...(existsSync(root) ? readdirSync(root).map((name) => join(root, name, 'janus')) : []),
  ])
  return candidates.find((folder) => existsSync(join(folder, 'plugins', 'libjanus_videoroom.so')))
}

function onPath(program: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}
