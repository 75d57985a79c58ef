/** Admission seen from a whole call, in Node and in virtual time. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Auth } from '../../src/document/admission.js'
import { type NodeCall, type NodeCalls, nodeCalls } from '../support/node-calls.js'
import { claimsFor, tokenOf, verifyToken } from './document/tokens.js'

vi.setConfig({ testTimeout: 30_000 })

let calls: NodeCalls

afterEach(() => calls.close())

const areAllOn = (members: readonly NodeCall[], provider: string): boolean =>
  members.every(({ snapshots }) => {
    const last = snapshots.at(-1)
    return last?.state === 'live' && last.provider === provider && last.peers.length === members.length - 1
  })

describe('admission', () => {
  it('P40 a call of admitted people agrees and recovers, and no token is in snapshots, events or attempts', async () => {
    calls = nodeCalls('admission')
    const tokens: string[] = []
    const auth: Auth = {
      token(request) {
        const token = tokenOf(claimsFor(request, { role: 'administrator' }))
        tokens.push(token)
        return token
      },
      verify: verifyToken,
    }
    const opened = [await calls.open('ana', { auth }), await calls.open('bob', { auth })]
    await calls.until('everybody on east', () => areAllOn(opened, 'east'))
    calls.east.kill()
    await calls.until('everybody on west', () => areAllOn(opened, 'west'))
    const attempts = await Promise.all(opened.map(({ session }) => session.attempts()))
    const told = JSON.stringify([opened.map(({ printed, moments }) => [printed, moments]), attempts])
    expect(tokens.length).toBeGreaterThanOrEqual(2)
    for (const part of tokens.flatMap((token) => token.split('.').slice(0, 2))) expect(told).not.toContain(part)
  })
})
