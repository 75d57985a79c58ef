import { describe, expect, it, vi } from 'vitest'
import { type CliIo, runCli } from '../../../src/server/cli.js'

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
      error: expect.stringContaining('EADDRINUSE'),
    })
    end()
    await first
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
