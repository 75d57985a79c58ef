import { spawn } from 'node:child_process'
import { describe, expect, it, vi } from 'vitest'
import { type CliIo, runCli } from '../../../src/server/cli.js'
import { serverEntry } from '../../support/dev.js'
import { connectClient } from '../../support/signaling-client.js'

const run = async (argv: readonly string[], io: Partial<CliIo> = {}) => {
  const lines: string[] = []
  const errors: string[] = []
  const code = await runCli({
    argv,
    env: {},
    entry: 'unused',
    out: (line) => lines.push(line),
    error: (line) => errors.push(line),
    ended: Promise.resolve(),
    runSfu: async () => undefined,
    ...io,
  })
  return { code, out: lines.join('\n'), error: errors.join('\n') }
}

describe('the holdfast command', () => {
  it('explains itself when asked, and when nothing was asked', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('holdfast dev') })
    expect(await run(['help'])).toMatchObject({ code: 0 })
    expect(await run([])).toMatchObject({ code: 1, out: expect.stringContaining('holdfast signaling') })
  })

  it('serves signaling until it is asked to end', async () => {
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const out: string[] = []
    const running = run(['signaling', '--port', '0'], { ended, out: (line) => out.push(line) })
    await expect.poll(() => out.length).toBe(1)
    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      level: 'info',
      event: 'listening',
      tokens: false,
      bus: false,
    })
    const url = String(JSON.parse(out[0] ?? '').url).replace('ws', 'http')
    expect(await (await fetch(url)).text()).toBe('holdfast signaling\n')
    end()
    expect((await running).code).toBe(0)
    await expect(fetch(url)).rejects.toThrow()
  })

  it('says what is wrong with the arguments', async () => {
    for (const argv of [
      ['explode'],
      ['dev', 'now'],
      ['dev', '--port', 'x'],
      ['dev', '--port', '70000'],
      ['dev', '--unknown'],
      ['dev', '--port', '0', '--sfu', 'Not A Name'],
    ]) {
      const { code, error } = await run(argv)
      expect(code, argv.join(' ')).toBe(1)
      expect(error).toMatch(/^holdfast: ./)
    }
  })

  it('refuses an option of another command, which would do nothing, and says where options are listed', async () => {
    for (const argv of [
      ['dev', '--metrics'],
      ['signaling', '--sfu', 'east'],
      ['dev', '--prot', '5'],
    ]) {
      const { code, error } = await run(argv)
      expect(code).toBe(1)
      expect(error).toMatch(new RegExp(`^holdfast: .*${argv[1]}'?\\. See: npx holdfast --help$`))
    }
  })

  it('says that the port is taken', async () => {
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const out: string[] = []
    const first = run(['signaling', '--port', '0'], { ended, out: (line) => out.push(line) })
    await expect.poll(() => out.length).toBe(1)
    const port = new URL(JSON.parse(out[0] ?? '').url).port
    expect(await run(['signaling', '--port', port])).toMatchObject({
      code: 1,
      error: expect.stringMatching(new RegExp(`Port ${port} is taken.*--port`)),
    })
    end()
    await first
  })
})

describe('the process', () => {
  it('goes on when nobody reads its log any more, and ends when it is asked to', async () => {
    const entry = await serverEntry()
    const child = spawn(process.execPath, [entry, 'signaling', '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const line = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(`${data}`)))
    child.stdout.destroy()
    const { url } = JSON.parse(line)
    for (let count = 0; count < 3; count += 1) {
      const client = await connectClient(url)
      client.send('garbage, which is logged')
      await client.closed
    }
    await (await connectClient(url)).settled()
    child.kill('SIGTERM')
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0)
  })

  it('closes its clients with 1012 on SIGTERM', async () => {
    const entry = await serverEntry()
    const child = spawn(process.execPath, [entry, 'signaling', '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const line = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(`${data}`)))
    const client = await connectClient(JSON.parse(line).url)
    child.kill('SIGTERM')
    expect(await client.closed).toBe(1012)
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0)
  })
})

describe('settings of signaling', () => {
  const settings = async (argv: readonly string[], env: Record<string, string>) => {
    const { code, out, error } = await run(['signaling', '--port', '0', ...argv], { env })
    const listening = out.split('\n').find((line) => line.includes('"listening"'))
    return code === 0 ? JSON.parse(listening ?? '') : error
  }

  it('come from arguments and, where they are secret, from the environment', async () => {
    expect(await settings([], {})).toMatchObject({ tokens: false, origins: false, bus: false })
    const env = { HOLDFAST_TOKEN_SECRET: 'x'.repeat(32), HOLDFAST_REDIS_URL: 'redis://127.0.0.1:1' }
    const argv = [
      '--allow-origin',
      'https://app.example',
      '--issuer',
      'app',
      '--audience',
      'a',
      '--redis-prefix',
      'p',
    ]
    expect(await settings([...argv, '--metrics'], env)).toMatchObject({
      tokens: true,
      origins: true,
      bus: true,
    })
    expect(await settings(['--jwks', 'https://app.example/keys'], {})).toMatchObject({ tokens: true })
  })

  it('that cannot work end the command instead of letting everybody in', async () => {
    for (const [argv, env] of [
      [[], { HOLDFAST_TOKEN_SECRET: '' }],
      [[], { HOLDFAST_TOKEN_SECRET: 'too short' }],
      [['--issuer', 'app'], {}],
      [['--jwks', 'http://app.example/keys'], {}],
      [['--jwks', 'https://app.example/keys'], { HOLDFAST_TOKEN_SECRET: 'x'.repeat(32) }],
      [[], { HOLDFAST_REDIS_URL: 'localhost' }],
    ] as const) {
      const error = await settings(argv, env)
      expect(error, JSON.stringify([argv, env])).toMatch(/^holdfast: ./)
      expect(error).not.toContain('too short')
    }
  })
})

describe('a missing package', () => {
  it('is answered with the command that installs it', async () => {
    vi.resetModules()
    vi.doMock('ws', () => {
      throw new Error('Cannot find package')
    })
    const { runCli: runWithout } = await import('../../../src/server/cli.js')
    const errors: string[] = []
    const code = await runWithout({
      argv: ['signaling', '--port', '0'],
      env: {},
      entry: 'unused',
      out: () => undefined,
      error: (line) => errors.push(line),
      ended: Promise.resolve(),
      runSfu: async () => undefined,
    })
    expect(code).toBe(1)
    expect(errors.join()).toContain('npm install --save-dev werift ws')
    expect(errors.join()).toContain('dependency-missing')
    vi.doUnmock('ws')
  })
})
