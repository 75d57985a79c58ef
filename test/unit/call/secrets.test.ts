/** Tokens of the app go to those who check them, and nowhere else (docs/security.md, *What is kept and what is told*). */
import { afterEach, expect, it, vi } from 'vitest'
// Loaded ahead: on a busy machine the import takes longer than the virtual time of a test.
import '../../../src/call/experience.js'
import '../../../src/call/health-desk.js'
import '../../../src/worker/page-host.js'
import type { Logger } from '../../../src/call/contract.js'
import { isHoldfastError } from '../../../src/errors.js'
import { type NodeCalls, nodeCalls } from '../../support/node-calls.js'

vi.setConfig({ testTimeout: 60_000 })

let calls: NodeCalls

afterEach(() => calls.close())

/** As a server would make them: the middle part can be read by whoever sees it. */
const SECRET = 'c2VjcmV0LW9mLXRoZS1hcHA'
const secretToken = (name: string): string =>
  `eyJhbGciOiJFUzI1NiJ9.${Buffer.from(JSON.stringify({ exp: 9e9, name })).toString('base64url')}.${SECRET}`

/** Everything in it, causes and details of errors included. */
function textOf(value: unknown): string {
  const seen = new Set<unknown>()
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'object' && part !== null) {
      if (seen.has(part)) return undefined
      seen.add(part)
    }
    if (!(part instanceof Error)) return part
    const { name, message, stack, cause } = part
    return { name, message, stack, cause, ...(isHoldfastError(part) ? { details: part.details } : {}) }
  })
}

it('P40 tokens are in no log, event, snapshot, attempt and trace, also when providers and token servers fail', async () => {
  calls = nodeCalls('secrets')
  const logged: unknown[] = []
  const note = (...values: unknown[]): void => void logged.push(values)
  const logger: Logger = { debug: note, info: note, warn: note, error: note }
  let asked = 0
  const token = async (provider: string): Promise<string> => {
    asked += 1
    // An app whose token server answers with an error that quotes the token, now and then.
    if (asked % 3 === 0) throw new Error(`token server: ${secretToken(provider)} is not fresh`)
    return secretToken(provider)
  }
  const ana = await calls.open('ana', { token, logger })
  const bob = await calls.open('bob', { token, logger })
  await calls.until('both live', () => [ana, bob].every(({ last }) => last.state === 'live'))
  await calls.until('health runs and something was logged', () => logged.length > 0, 120_000)
  calls.east.failNextConnect('provider-auth')
  calls.west.failNextConnect('provider-token-expired')
  calls.east.kill()
  await calls.until('both on west', () =>
    [ana, bob].every(({ last }) => last.provider === 'west' && last.state === 'live'),
  )
  calls.east.revive()
  await calls.run(5000)
  expect(asked).toBeGreaterThan(3)
  expect(logged.length).toBeGreaterThan(1)
  const told = [
    logged,
    ...[ana, bob].flatMap(({ moments, printed }) => [
      moments.map(({ name, event }) => ({ name, event })),
      printed,
    ]),
    await calls.settled(ana.session.attempts(50)),
    await calls.settled(ana.session.exportTrace()),
  ]
  for (const one of told) {
    const text = textOf(one)
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain('eyJhbGciOiJFUzI1NiJ9')
  }
})
