/** Real Janus servers in hosts of the lab, so that a network cut can take one of them away. */
import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { ProviderSpec } from '../../test/support/call-page.js'
import { janusPath, writeConfiguration } from '../../test/support/janus.js'
import { temporaryFolder } from './folders.js'
import type { Host } from './network.js'
import { until } from './stage.js'

/** A Janus in a host; it ends with the host. */
export interface SfuHost {
  readonly provider: ProviderSpec
  close(): void
}

/** Starts one. */
export async function startSfu(host: Host): Promise<SfuHost> {
  const { name, namespace, address } = host
  const folder = temporaryFolder()
  const rooms = { [ROOM]: { publishers: PUBLISHERS } }
  await writeConfiguration(folder, { name, wsPort: PORT, rtpPorts: MEDIA_PORTS, rooms }, address)
  const program = [janusPath() ?? 'janus', '-F', folder, '-C', join(folder, 'janus.jcfg')]
  const child = spawn('ip', ['netns', 'exec', namespace, ...program], { stdio: 'ignore' })
  await until(`janus listens in ${name}`, async () => listens(namespace))
  return {
    provider: { kind: 'janus', id: name, url: `ws://${address}:${PORT}`, roomId: ROOM },
    close: () => void child.kill('SIGKILL'),
  }
}

function listens(namespace: string): boolean {
  const found = execFileSync('ip', ['netns', 'exec', namespace, 'ss', '-Hltn', `sport = :${PORT}`], {
    encoding: 'utf8',
  })
  return found.trim() !== ''
}

const PORT = 18_188
const ROOM = 1234
const PUBLISHERS = 20
const MEDIA_PORTS: readonly [number, number] = [21_000, 21_999]
