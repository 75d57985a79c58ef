import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { ControlStatus } from '../../../src/server/control.js'
import { type DevServers, startDev } from '../../../src/server/dev.js'
import { serverEntry, startTestDev } from '../../support/dev.js'

/** Processes start in 0.5 s on an idle machine and in several on a busy one. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let dev: DevServers
beforeAll(async () => {
  dev = await startTestDev()
})
afterAll(() => dev.close())

const east = () => dev.sfus.find(({ name }) => name === 'east')
const control = (path: string, init: RequestInit = { method: 'POST' }) =>
  fetch(`${dev.controlUrl}${path}`, init)
const isServing = (limitMs = 5_000): Promise<boolean> =>
  fetch(`${east()?.url}/health`, { signal: AbortSignal.timeout(limitMs) }).then(
    ({ status }) => status === 204,
    () => false,
  )

describe('the development servers', () => {
  it('are signaling and two SFUs, each in a process of its own', async () => {
    const [first, second] = dev.sfus
    expect([first?.name, second?.name]).toEqual(['east', 'west'])
    expect(new Set([process.pid, first?.pid, second?.pid]).size).toBe(3)
    const status = (await (await control('/status', {})).json()) as ControlStatus
    expect(status.signalingUrl).toBe(dev.signalingUrl)
    expect(status.sfus).toEqual(dev.sfus.map(({ name, url, pid }) => ({ name, url, pid, state: 'running' })))
  })

  it('can be killed and restarted one by one, on the same address', async () => {
    const url = east()?.url
    const pid = east()?.pid
    const events = new WebSocket(`${url?.replace('http', 'ws')}/events/room`)
    await new Promise((resolve) => events.once('message', resolve))
    const closed = new Promise((resolve) => events.once('close', resolve))
    expect((await control('/sfu/east/kill')).status).toBe(200)
    expect(await closed).toBe(1006)
    expect(await isServing()).toBe(false)
    expect(east()?.state).toBe('dead')
    expect((await control('/sfu/east/hang')).status).toBe(409)
    expect((await control('/sfu/east/restart')).status).toBe(200)
    expect(east()?.url).toBe(url)
    expect(east()?.pid).not.toBe(pid)
    expect(await isServing()).toBe(true)
  })

  it('can be hung and resumed: the port stays open and nothing answers', async () => {
    await dev.hang('east')
    expect(east()?.state).toBe('hung')
    expect(await isServing(200)).toBe(false)
    const events = new WebSocket(`${east()?.url.replace('http', 'ws')}/events/room`)
    const opened = new Promise((resolve) => events.once('message', () => resolve('opened')))
    await dev.resume('east')
    expect(await opened).toBe('opened')
    expect(await isServing()).toBe(true)
    events.close()
  })

  it('come back from a hang by a restart', async () => {
    await dev.hang('east')
    await dev.restart('east')
    expect(east()?.state).toBe('running')
    expect(await isServing()).toBe(true)
  })

  it('can be killed while they start', async () => {
    const before = east()?.pid
    const restarted = dev.restart('east').then(
      () => 'started',
      (error: { code: string }) => error.code,
    )
    await expect.poll(() => east()?.state).toBe('starting')
    await expect.poll(() => ![undefined, before].includes(east()?.pid), { interval: 5 }).toBe(true)
    await dev.kill('east')
    expect(await restarted).toBe('command-failed')
    expect(east()?.state).toBe('dead')
    await dev.restart('east')
    expect(await isServing()).toBe(true)
  })

  it('leave no process behind when closed', async () => {
    const other = await startTestDev({ sfus: ['north'] })
    const pid = other.sfus[0]?.pid ?? 0
    await other.hang('north')
    await other.close()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('refuse names that cannot be provider ids, and files that do not start', async () => {
    await expect(startDev({ sfus: ['East'] })).rejects.toMatchObject({ code: 'invalid-options' })
    await expect(startDev({ sfus: ['a', 'a'] })).rejects.toMatchObject({ code: 'invalid-options' })
    await expect(startDev({ sfus: ['a'], entry: 'nothing.mjs' })).rejects.toMatchObject({
      code: 'command-failed',
    })
    await expect(dev.kill('south')).rejects.toMatchObject({ code: 'command-failed' })
  })
})

describe('the control endpoint', () => {
  it('names what is wrong with a request', async () => {
    expect((await control('/sfu/south/kill')).status).toBe(404)
    expect((await control('/sfu/east/explode')).status).toBe(404)
    expect((await control('/sfu/east/kill', {})).status).toBe(405)
    expect((await control('/sfu/east')).status).toBe(404)
    expect((await control('/', {})).status).toBe(404)
  })

  it('serves the demo page and no page from elsewhere', async () => {
    const ours = await control('/status', { headers: { origin: 'http://127.0.0.1:5173' } })
    expect(ours.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1:5173')
    const theirs = { method: 'POST', headers: { origin: 'https://example.org' } }
    expect((await control('/sfu/east/kill', theirs)).status).toBe(403)
    expect(east()?.state).toBe('running')
  })

  it('refuses a host name that only points here', async () => {
    const { port } = new URL(dev.controlUrl)
    const status = await new Promise((resolve, reject) => {
      const rebound = request(
        {
          host: '127.0.0.1',
          port,
          path: '/sfu/east/kill',
          method: 'POST',
          headers: { host: 'rebound.example' },
        },
        (response) => resolve(response.resume().statusCode),
      )
      rebound.once('error', reject)
      rebound.end()
    })
    expect(status).toBe(403)
    expect(east()?.state).toBe('running')
  })
})

describe('an SFU process', () => {
  it('ends when its parent is killed', async () => {
    const { spawn } = await import('node:child_process')
    const parent = spawn(process.execPath, [await serverEntry(), 'dev', '--port', '0', '--sfu', 'lonely'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    parent.stdout.on('data', (chunk) => {
      output += String(chunk)
    })
    await expect.poll(() => output, { timeout: 30_000 }).toContain('lonely')
    const status = (await (await fetch(`${/control +(\S+)/.exec(output)?.[1]}/status`)).json()) as ControlStatus
    const pid = status.sfus[0]?.pid ?? 0
    parent.kill('SIGKILL')
    const isGone = () => {
      try {
        return !process.kill(pid, 0)
      } catch {
        // No such process: what is waited for.
        return true
      }
    }
    await expect.poll(isGone, { timeout: 10_000 }).toBe(true)
  })
})
