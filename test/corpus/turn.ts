/** A TURN server for one run of the recorder, where coturn is installed. */
import type { ChildProcess, spawn } from 'node:child_process'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/free-port.js'

/** A running TURN server. */
export interface Turn {
  /** What pages that must use it configure. */
  readonly configuration: RTCConfiguration
  close(): Promise<void>
}

/** Prints nothing when it is ready; it listens within a fraction of this. */
const START_MS = 800

/** Starts one; null where there is no `turnserver`. */
export async function openTurn(start: typeof spawn): Promise<Turn | null> {
  const host =
    Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1'
  const port = await freePort()
  const parameters = [
    '-n',
    '--listening-ip',
    host,
    '--relay-ip',
    host,
    '--listening-port',
    String(port),
    '--no-tls',
    '--no-dtls',
    '--no-cli',
    '--lt-cred-mech',
    '--user',
    'corpus:corpus',
    '--realm',
    'corpus',
    '--log-file',
    'stdout',
    '--pidfile',
    join(tmpdir(), `holdfast-turn-${process.pid}.pid`),
  ]
  const child: ChildProcess = start('turnserver', parameters, { stdio: 'ignore' })
  const isRunning = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false))
    child.once('exit', () => resolve(false))
    setTimeout(() => resolve(true), START_MS)
  })
  if (!isRunning) return null
  return {
    configuration: {
      iceTransportPolicy: 'relay',
      iceServers: [{ urls: `turn:${host}:${port}?transport=udp`, username: 'corpus', credential: 'corpus' }],
    },
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGKILL')
      }),
  }
}
