/** yjs as the script-tag file holds it: what stock documents write passes through it unharmed. */
import nodeResolve from '@rollup/plugin-node-resolve'
import { transform } from 'esbuild'
import fc from 'fast-check'
import { rollup } from 'rollup'
import { beforeAll, describe, expect, it } from 'vitest'
import * as stock from 'yjs'
import { standIns } from '../../../scripts/script-tag.mjs'

type Cut = Pick<typeof stock, 'Doc' | 'applyUpdate' | 'encodeStateAsUpdate' | 'encodeStateVector'>

let cut: Cut

beforeAll(async () => {
  const typescript = {
    name: 'typescript',
    transform: async (code: string, id: string) =>
      id.endsWith('.ts') ? { code: (await transform(code, { loader: 'ts' })).code, map: null } : null,
  }
  const bundle = await rollup({
    input: 'yjs',
    plugins: [standIns(), typescript, nodeResolve({ browser: true, preferBuiltins: false })],
    onwarn: () => undefined,
  })
  const { output } = await bundle.generate({ format: 'es' })
  await bundle.close()
  const text = Buffer.from(output[0].code).toString('base64')
  cut = (await import(`data:text/javascript;base64,${text}`)) as Cut
})

/** Edits of every kind that yjs has, among them those that Holdfast never makes. */
const EDITS: readonly ((doc: stock.Doc, seed: number) => void)[] = [
  (doc, seed) => doc.getMap('registers').set(`k${seed % 3}`, `value ${seed}`),
  (doc, seed) => doc.getMap('registers').delete(`k${seed % 3}`),
  (doc, seed) => doc.getMap('map').set('any', [seed, { deep: null }, true, 1.5, 'x']),
  (doc, seed) => doc.getMap('map').set('bytes', new Uint8Array([seed % 256, 1])),
  (doc, seed) => doc.getMap('map').set('inner', new stock.Map([[`${seed}`, new stock.Array()]])),
  (doc) => doc.getMap('map').set('doc', new stock.Doc({ guid: 'sub', meta: { a: 1 } })),
  (doc, seed) => doc.getArray('list').insert(0, [seed, 'b', { c: seed }]),
  (doc) => doc.getArray('list').length > 1 && doc.getArray('list').delete(1, 1),
  (doc, seed) => doc.getText('text').insert(0, `text 🙂 ${seed}`, seed % 2 ? { bold: true } : {}),
  (doc) => doc.getText('text').insertEmbed(0, { image: 'x' }),
  (doc) => doc.getText('text').length > 4 && doc.getText('text').delete(2, 2),
  (doc) => doc.getXmlFragment('xml').insert(0, [new stock.XmlElement('p'), new stock.XmlText('t')]),
  (doc) => doc.getXmlFragment('xml').length > 1 && doc.getXmlFragment('xml').delete(0, 1),
]

/** Updates of three people who hear of each other now and then. */
function conversation(steps: readonly (readonly [number, number, number])[]): Uint8Array[] {
  const updates: Uint8Array[] = []
  const docs = [0, 1, 2].map((person) => {
    const doc = new stock.Doc()
    doc.clientID = 10 + person
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'sync') updates.push(update)
    })
    return doc
  })
  for (const [person, edit, seed] of steps) {
    const [one, other] = [docs[person % 3], docs[seed % 3]]
    if (!one || !other) continue
    stock.applyUpdate(one, stock.encodeStateAsUpdate(other, stock.encodeStateVector(one)), 'sync')
    EDITS[edit % EDITS.length]?.(one, seed)
  }
  return updates
}

/** What a stock document shows after these updates. */
function shown(...updates: Uint8Array[]): unknown {
  const doc = new stock.Doc()
  for (const update of updates) stock.applyUpdate(doc, update)
  return {
    registers: doc.getMap('registers').toJSON(),
    keys: [...doc.getMap('map').keys()].sort(),
    any: doc.getMap('map').get('any'),
    bytes: doc.getMap('map').get('bytes'),
    inner: (doc.getMap('map').get('inner') as stock.Map<unknown> | undefined)?.toJSON(),
    sub: (doc.getMap('map').get('doc') as stock.Doc | undefined)?.meta,
    list: doc.getArray('list').toJSON(),
    text: doc.getText('text').toDelta(),
    xml: doc.getXmlFragment('xml').toJSON(),
    vector: [...stock.decodeStateVector(stock.encodeStateVector(doc))].sort(),
  }
}

const steps = fc.array(fc.tuple(fc.nat(2), fc.nat(EDITS.length - 1), fc.nat(50)), { maxLength: 25 })

describe('the script-tag file’s yjs', () => {
  it('passes on whatever stock documents wrote, in whatever order it came', () => {
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (made, chance) => {
        const updates = conversation(made)
        const shuffled = updates
          .map((update) => ({ update, at: chance.next().value as number }))
          .sort((one, other) => one.at - other.at)
          .map(({ update }) => update)
        const between = new cut.Doc()
        for (const update of shuffled) cut.applyUpdate(between, update)
        expect(shown(cut.encodeStateAsUpdate(between))).toEqual(shown(...updates))
      }),
      { numRuns: 200 },
    )
  })

  it('passes on what still waits for its turn', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (made, nth) => {
        const updates = conversation(made)
        const late = updates.splice(nth % Math.max(1, updates.length), 1)
        const [between, next] = [new cut.Doc(), new cut.Doc()]
        for (const update of updates) cut.applyUpdate(between, update)
        cut.applyUpdate(next, cut.encodeStateAsUpdate(between, cut.encodeStateVector(next)))
        for (const update of late) cut.applyUpdate(next, update)
        expect(shown(cut.encodeStateAsUpdate(next))).toEqual(shown(...updates, ...late))
      }),
      { numRuns: 200 },
    )
  })

  it('shares a map of texts with stock documents, and says which keys changed', () => {
    const [one, other] = [new cut.Doc(), new stock.Doc()]
    other.on('update', (update: Uint8Array) => cut.applyUpdate(one, update))
    one.on('update', (update: Uint8Array) => stock.applyUpdate(other, update))
    const changed: string[][] = []
    one.getMap('registers').observe(({ keysChanged }) => void changed.push([...keysChanged]))
    other.getMap('registers').set('a', 'theirs')
    one.getMap('registers').set('a', 'ours')
    one.getMap('registers').set('b', 'more')
    other.getMap('registers').delete('b')
    expect(other.getMap('registers').toJSON()).toEqual({ a: 'ours' })
    expect(one.getMap('registers').get('a')).toBe('ours')
    expect(one.getMap('registers').get('b')).toBeUndefined()
    expect(changed).toEqual([['a'], ['a'], ['b'], ['b']])
  })

  it('throws for bytes that are no update and goes on', () => {
    const doc = new cut.Doc()
    for (const bytes of [[], [1], [1, 1, 9, 0, 255], [255, 255, 255]])
      expect(() => cut.applyUpdate(doc, new Uint8Array(bytes))).toThrow()
    doc.getMap('registers').set('a', 'b')
    expect(shown(cut.encodeStateAsUpdate(doc))).toMatchObject({ registers: { a: 'b' } })
  })
})
