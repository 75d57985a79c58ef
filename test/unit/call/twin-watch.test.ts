import { describe, expect, it } from 'vitest'
import type { CallCore } from '../../../src/call/core.js'
import { createTwinWatch } from '../../../src/call/twin-watch.js'

/** Ana's page, and what it hears. */
function scene() {
  const warnings: string[] = []
  const heard = new Map<string, { participant: string; hasLeft: boolean; heardAtMs: number }>()
  const document = { voter: 'mine', presence: () => heard }
  let now = 0
  const look = createTwinWatch({
    clock: { now: () => now },
    document,
    options: { me: { id: 'ana' } },
    events: { emit: (_type: string, { code }: { readonly code: string }) => warnings.push(code) },
  } as unknown as CallCore)
  const hear = (voter: string, participant: string, heardAtMs: number, hasLeft = false): void => {
    heard.set(voter, { participant, hasLeft, heardAtMs })
    now += 1_000
    look()
  }
  return { warnings, document, hear }
}

describe('a page under the same id', () => {
  it('is told once when it goes on speaking', () => {
    const { warnings, hear } = scene()
    for (const atMs of [0, 2_000, 4_900]) hear('other', 'ana', atMs)
    expect(warnings).toEqual([])
    for (const atMs of [5_000, 9_000, 30_000]) hear('other', 'ana', atMs)
    expect(warnings).toEqual(['duplicate-participant'])
  })

  it('is no news when it is ours, when it has left, when it fell silent, or when it is somebody else', () => {
    const { warnings, document, hear } = scene()
    for (const atMs of [0, 60_000]) hear('mine', 'ana', atMs)
    // A fresh voter of this page: the former one beats no more.
    document.voter = 'mine anew'
    hear('mine', 'ana', 60_100)
    hear('mine', 'ana', 60_100)
    hear('refreshed', 'ana', 70_000)
    hear('refreshed', 'ana', 90_000, true)
    for (const atMs of [0, 60_000]) hear('other', 'bob', atMs)
    expect(warnings).toEqual([])
  })
})
