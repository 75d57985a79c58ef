/** Presence as the script-tag file holds it: it understands the package and is understood. */
import nodeResolve from '@rollup/plugin-node-resolve'
import { transform } from 'esbuild'
import { rollup } from 'rollup'
import { beforeAll, expect, it } from 'vitest'
import * as stock from 'y-protocols/awareness'
import * as Y from 'yjs'
import { standIns } from '../../../scripts/script-tag.mjs'

let cut: typeof stock

beforeAll(async () => {
  const typescript = {
    name: 'typescript',
    transform: async (code: string, id: string) =>
      id.endsWith('.ts') ? { code: (await transform(code, { loader: 'ts' })).code, map: null } : null,
  }
  const bundle = await rollup({
    input: 'y-protocols/awareness',
    plugins: [standIns(), typescript, nodeResolve({ browser: true, preferBuiltins: false })],
    onwarn: () => undefined,
  })
  const { output } = await bundle.generate({ format: 'es' })
  await bundle.close()
  cut = await import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`)
})

it('tells the same of what comes in, in whatever order it comes', () => {
  const author = new stock.Awareness(new Y.Doc())
  const updates = [{ a: 1 }, { a: 2 }, { a: 2 }, null, { a: 3 }].map((state) => {
    author.setLocalState(state)
    return stock.encodeAwarenessUpdate(author, [author.clientID])
  })
  for (const order of [
    [0, 1, 2, 3, 4],
    [1, 0, 3, 3, 4],
    [3, 4, 2],
    [2, 3],
  ]) {
    const told = [stock, cut].map((protocol) => {
      const awareness = new protocol.Awareness(new Y.Doc())
      const seen: unknown[] = []
      awareness.on('update', (change: unknown) => seen.push(change))
      for (const at of order) protocol.applyAwarenessUpdate(awareness, updates[at] ?? new Uint8Array(), null)
      const state = awareness.getStates().get(author.clientID)
      awareness.destroy()
      return { seen: seen.slice(0, -1), state }
    })
    expect(told[1]).toEqual(told[0])
  }
  author.destroy()
})

it('is understood by the package', () => {
  const [ours, theirs] = [new cut.Awareness(new Y.Doc()), new stock.Awareness(new Y.Doc())]
  for (const state of [{ a: 1 }, null, { b: 'x' }]) {
    ours.setLocalState(state)
    stock.applyAwarenessUpdate(theirs, cut.encodeAwarenessUpdate(ours, [ours.clientID]), null)
    expect(theirs.getStates().get(ours.clientID) ?? null).toEqual(state)
  }
  for (const one of [ours, theirs]) one.destroy()
})
