import { beforeEach, describe, expect, it } from 'vitest'
import { createLateMesh, type LateMesh, type LoadMesh } from '../../../src/document/late-mesh.js'
import type { WebrtcLink, WebrtcLinkOptions } from '../../../src/document/y-webrtc.js'
import { type ManualClock, manualClock } from './manual-clock.js'

let clock: ManualClock
let did: string[]
let loads: { resolve(): void; reject(): void }[]
let canSignal: boolean
let mesh: LateMesh

const link: WebrtcLink = {
  linked: ['page-b'],
  rttMs: () => 7,
  queuedBytes: () => 3,
  receive: (from) => void did.push(`receive ${from}`),
  sweep: (known) => void did.push(`sweep ${known.join()}`),
  check: () => void did.push('check'),
  forget: (id) => void did.push(`forget ${id}`),
  close: () => void did.push('close'),
}
const load: LoadMesh = () =>
  new Promise((resolve, reject) => {
    loads.push({
      resolve: () => resolve({ startWebrtcLink: () => link }),
      reject: () => reject(new Error('no such file')),
    })
  })
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => {
  clock = manualClock()
  did = []
  loads = []
  canSignal = true
  mesh = createLateMesh(load, { clock, canSignal: () => canSignal } as unknown as WebrtcLinkOptions)
})

describe('late mesh', () => {
  it('loads nothing before a server was reached, nor in the half second after, and is empty until then', () => {
    clock.advance(5000)
    mesh.sweep(['page-b'])
    mesh.onServerOpen()
    clock.advance(499)
    mesh.onServerOpen()
    mesh.receive('page-b', {})
    expect(loads).toHaveLength(0)
    expect([mesh.linked, mesh.rttMs('page-b'), mesh.queuedBytes(), did]).toEqual([[], null, 0, []])
    clock.advance(1)
    expect(loads).toHaveLength(1)
  })

  it('then announces itself and is the mesh', async () => {
    mesh.onServerOpen()
    clock.advance(500)
    loads[0]?.resolve()
    await turn()
    expect(did).toEqual(['check'])
    mesh.onServerOpen()
    mesh.sweep(['page-b'])
    mesh.receive('page-b', {})
    mesh.forget('page-b')
    mesh.close()
    expect(did.slice(1)).toEqual(['check', 'sweep page-b', 'receive page-b', 'forget page-b', 'close'])
    expect([mesh.linked, mesh.rttMs('page-b'), mesh.queuedBytes()]).toEqual([['page-b'], 7, 3])
  })

  it('waits with announcing itself while no server can be reached', async () => {
    mesh.onServerOpen()
    canSignal = false
    clock.advance(500)
    loads[0]?.resolve()
    await turn()
    expect(did).toEqual([])
    mesh.onServerOpen()
    expect(did).toEqual(['check'])
  })

  it('asks again, but not at once, for code that could not be loaded', async () => {
    mesh.onServerOpen()
    clock.advance(500)
    mesh.sweep([])
    loads[0]?.reject()
    await turn()
    mesh.sweep([])
    clock.advance(4900)
    mesh.sweep([])
    expect(loads).toHaveLength(1)
    clock.advance(100)
    mesh.sweep([])
    expect(loads).toHaveLength(2)
    loads[1]?.resolve()
    await turn()
    expect(mesh.linked).toEqual(['page-b'])
  })

  it('does not begin once it was closed', async () => {
    mesh.onServerOpen()
    clock.advance(500)
    mesh.close()
    loads[0]?.resolve()
    await turn()
    mesh.sweep([])
    expect([did, mesh.linked]).toEqual([[], []])
  })
})
