import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { type SignalingServer, startSignaling } from '../../../../src/server/signaling.js'
import { connectClient, joinTopic } from '../../../support/signaling-client.js'

let server: SignalingServer
afterEach(() => server.close())

const page = async (): Promise<string> => (await fetch(`${server.url.replace('ws', 'http')}/metrics`)).text()
const readSeries = async (series: string): Promise<number> => {
  const line = (await page()).split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.split(' ').at(-1))
}

describe('GET /metrics', () => {
  it('P32 counts sockets, topics, messages and the reasons of every end, as Prometheus reads it', async () => {
    server = await startSignaling({ hasMetrics: true })
    const [alice, bob] = await Promise.all([joinTopic(server.url, 'room'), joinTopic(server.url, 'room')])
    alice.send({ type: 'publish', topic: 'room', data: 1 })
    await bob.next()
    alice.send('garbage')
    await alice.closed
    await expect(connectClient(server.url, { origin: 'https://x.example' })).rejects.toThrow('403')
    const series = {
      clients: 1,
      topics: 1,
      queued_bytes: 0,
      draining: 0,
      bus_up: -1,
      clients_opened_total: 2,
      'clients_closed_total{reason="garbage"}': 1,
      'clients_closed_total{reason="tooFast"}': 0,
      'requests_refused_total{reason="origin"}': 1,
      'messages_received_total{type="publish"}': 1,
      'messages_received_total{type="ping"}': 2,
      'messages_received_total{type="garbage"}': 1,
      messages_delivered_total: 2,
      'messages_dropped_total{reason="bus"}': 0,
    }
    for (const [name, value] of Object.entries(series))
      expect(await readSeries(`holdfast_signaling_${name}`), name).toBe(value)
    expect(await readSeries('process_resident_memory_bytes')).toBeGreaterThan(1e6)
    expect(await page()).not.toContain('room"')
  })

  it('P32 is off unless asked for', async () => {
    server = await startSignaling()
    expect((await fetch(`${server.url.replace('ws', 'http')}/metrics`)).status).toBe(404)
  })

  it('P32 has every metric explained in docs/operations.md, and no other', async () => {
    server = await startSignaling({ hasMetrics: true })
    const served = [...(await page()).matchAll(/^# TYPE (holdfast_\w+)/gm)].map((match) => match[1])
    const told = [...readFileSync('docs/operations.md', 'utf8').matchAll(/^\| `(holdfast_\w+)/gm)].map(
      (match) => match[1],
    )
    expect([...new Set(told)].sort()).toEqual([...served].sort())
  })
})
