import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type SignalingServer, startSignaling } from '../../../../src/server/signaling.js'
import { frameFuzz } from '../../../support/frame-fuzz.js'
import { joinTopic } from '../../../support/signaling-client.js'

let server: SignalingServer
beforeEach(async () => {
  server = await startSignaling({ hasMetrics: true, limits: { messagesBurstMax: 1e9, bytesBurstMax: 1e12 } })
})
afterEach(() => server.close())

const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n')

/** A fresh connection past its handshake, with the end of it. */
const dial = (): Promise<{ readonly socket: Socket; readonly hasEnded: () => boolean }> =>
  new Promise((resolve) => {
    let hasEnded = false
    const socket = connect(server.port, '127.0.0.1', () => socket.write(HANDSHAKE))
    socket.once('data', () => {
      socket.resume()
      resolve({ socket, hasEnded: () => hasEnded })
    })
    for (const name of ['end', 'close', 'error'] as const)
      socket.on(name, () => {
        hasEnded = true
      })
  })

/** Frames that the server has looked at: messages, and connections that it ended for a broken frame. */
const handled = async (): Promise<number> => {
  const page = await (await fetch(`${server.url.replace('ws', 'http')}/metrics`)).text()
  const series = page.matchAll(
    /^holdfast_signaling_(?:messages_received_total|clients_closed_total)\{\w+="(\w+)"\} (\d+)/gm,
  )
  const counted = /^(?:publish|subscribe|unsubscribe|ping|unknown|garbage|protocol|tooBig|binary)$/
  return [...series].reduce((sum, [, word, count]) => sum + (counted.test(word ?? '') ? Number(count) : 0), 0)
}

it('10,000 random and mutated frames: those who behave notice nothing', async () => {
  const fuzz = frameFuzz(7)
  const [alice, bob] = await Promise.all([joinTopic(server.url, 'honest'), joinTopic(server.url, 'honest')])
  let connections = await Promise.all(Array.from({ length: 20 }, dial))
  while ((await handled()) < 10_000) {
    for (let turn = 0; turn < 20; turn += 1) {
      for (const { socket } of connections) for (let count = 0; count < 4; count += 1) socket.write(fuzz.next())
      await alice.settled()
      connections = await Promise.all(
        connections.map((one) => {
          if (!one.hasEnded()) return one
          one.socket.destroy()
          return dial()
        }),
      )
    }
  }
  for (const { socket } of connections) socket.destroy()
  for (let count = 0; count < 10; count += 1) {
    alice.send({ type: 'publish', topic: 'honest', data: count })
    expect(await bob.next()).toMatchObject({ data: count })
    expect(await alice.next()).toMatchObject({ data: count })
  }
  const health = async () => (await fetch(`${server.url.replace('ws', 'http')}/healthz`)).json()
  await expect.poll(health, { timeout: 5000 }).toMatchObject({ status: 'ok', clients: 2, topics: 1 })
})
