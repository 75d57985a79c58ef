/** simple-peer on the script-tag build's own ground, two in one page: what y-webrtc and the mesh build on. */
import { expect, test } from '@playwright/test'
import nodeResolve from '@rollup/plugin-node-resolve'
import { transform } from 'esbuild'
import { rollup } from 'rollup'
import { standIns } from '../../scripts/script-tag.mjs'

interface Peer {
  readonly destroyed: boolean
  on(name: string, listener: (value: never) => void): Peer
  signal(data: object): void
  send(data: string | Uint8Array): void
  destroy(): void
}

declare const Peer: new (options: {
  readonly initiator: boolean
  readonly objectMode?: boolean
  readonly config: RTCConfiguration
}) => Peer
declare function pair(): readonly [Peer, Peer]
declare function open(peers: readonly Peer[]): Promise<unknown>
declare function heard<Value>(peer: Peer, name: string): Promise<Value>

let script = ''

test.beforeAll(async () => {
  const typescript = {
    name: 'typescript',
    transform: async (code: string, id: string) =>
      id.endsWith('.ts') ? { code: (await transform(code, { loader: 'ts' })).code, map: null } : null,
  }
  const bundle = await rollup({
    input: 'simple-peer/simplepeer.min.js',
    plugins: [standIns(), typescript, nodeResolve({ browser: true })],
  })
  const { output } = await bundle.generate({ format: 'iife', name: 'Peer' })
  await bundle.close()
  script = `${output[0].code}
    globalThis.Peer = Peer
    globalThis.pair = () => {
      const options = { objectMode: true, config: { iceServers: [] } }
      const peers = [new Peer({ ...options, initiator: true }), new Peer({ ...options, initiator: false })]
      peers.forEach((peer, index) => peer.on('signal', (data) => {
        const other = peers[1 - index]
        if (!other.destroyed) other.signal(JSON.parse(JSON.stringify(data)))
      }))
      return peers
    }
    globalThis.heard = (peer, name) => new Promise((resolve) => peer.on(name, resolve))
    globalThis.open = (peers) => Promise.all(peers.map((peer) => heard(peer, 'connect')))`
})

test.beforeEach(async ({ page }) => {
  await page.goto('about:blank')
  await page.addScriptTag({ content: script })
})

test('text and bytes arrive on the other side, both ways, as what they were', async ({ page }) => {
  const got = await page.evaluate(async () => {
    const [one, other] = pair()
    await open([one, other])
    const received: Record<string, unknown> = {}
    for (const [name, from, to] of [
      ['there', one, other],
      ['back', other, one],
    ] as const) {
      const text = heard<string>(to, 'data')
      from.send(`text ${name}`)
      received[`text ${name}`] = await text
      const bytes = heard<Uint8Array>(to, 'data')
      from.send(new Uint8Array([0, 1, 255]))
      const value = await bytes
      received[`bytes ${name}`] = [value instanceof Uint8Array, ...value]
    }
    one.destroy()
    return received
  })
  expect(got).toEqual({
    'text there': 'text there',
    'bytes there': [true, 0, 1, 255],
    'text back': 'text back',
    'bytes back': [true, 0, 1, 255],
  })
})

test('destroying one side closes both, once', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const peers = pair()
    await open(peers)
    const names: string[][] = [[], []]
    peers.forEach((peer, index) => {
      for (const name of ['error', 'close']) peer.on(name, () => names[index]?.push(name))
    })
    const closed = Promise.all(peers.map((peer) => heard(peer, 'close')))
    peers[0].destroy()
    peers[0].destroy()
    await closed
    await new Promise((resolve) => setTimeout(resolve, 50))
    return { names, destroyed: peers.map((peer) => peer.destroyed) }
  })
  expect(seen.destroyed).toEqual([true, true])
  for (const names of seen.names) expect(names.filter((name) => name === 'close')).toEqual(['close'])
  // The other side may hear of the closed connection as an error of its channel first.
  expect(seen.names[0]).not.toContain('error')
})

test('a signal that is none is an error with its code, then close; later calls throw', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const [one, other] = pair()
    const names: string[] = []
    one.on('error', (error: { code: string }) => names.push(error.code))
    one.on('close', () => names.push('close'))
    const closed = heard(one, 'close')
    one.signal({})
    await closed
    other.destroy()
    let code = ''
    try {
      one.send('late')
    } catch (error) {
      code = (error as { code: string }).code
    }
    return { names, code }
  })
  expect(seen).toEqual({ names: ['ERR_SIGNALING', 'close'], code: 'ERR_DESTROYED' })
})

test('a broken session description is an error with its code', async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const [one, other] = pair()
    const failed = heard<{ code: string }>(other, 'error')
    other.signal({ type: 'offer', sdp: 'nonsense' })
    const { code } = await failed
    one.destroy()
    return code
  })
  expect(seen).toBe('ERR_SET_REMOTE_DESCRIPTION')
})
