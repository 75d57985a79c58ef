/** Importing any entry does nothing: that makes the package safe on servers, in workers and in tests. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
  readonly bin: Readonly<Record<string, string>>
  readonly unpkg: string
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const entries = Object.entries(manifest.exports).filter(([name]) => name !== './package.json')
const specifiers = entries.map(([name]) => name.replace('.', 'holdfast'))

/** yjs marks its presence on purpose, to warn when a page holds two copies of it. */
const FOREIGN_GLOBALS = ['__ $YJS$ __']

const PROBE = `
const seen = []
const watch = (owner, name, label) => {
  const original = owner[name]
  owner[name] = function (...args) { seen.push(label); return original.apply(this, args) }
}
const before = new Set(Reflect.ownKeys(globalThis))
const resources = process.getActiveResourcesInfo().sort()
const listeners = process.eventNames().map((name) => [String(name), process.listenerCount(name)])
watch(globalThis, 'setTimeout', 'setTimeout')
watch(globalThis, 'setInterval', 'setInterval')
watch(globalThis, 'fetch', 'fetch')
watch(EventTarget.prototype, 'addEventListener', 'addEventListener')
watch(console, 'log', 'console'); watch(console, 'warn', 'console'); watch(console, 'error', 'console')
const module = await import(process.argv[1])
// Node closes the files it has read after the import has resolved.
for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
const result = {
  exports: Object.keys(module).length,
  seen,
  globals: Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).map(String),
  resources: process.getActiveResourcesInfo().sort().filter((name, index) => name !== resources[index]),
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)])
    .filter(([name, count]) => !listeners.some(([other, had]) => other === name && had === count)),
}
process.stdout.write(JSON.stringify(result))
`

describe('package.json', () => {
  it.each(entries)('%s names files that the build wrote, types first', (_name, target) => {
    expect(typeof target).toBe('object')
    const files = target as { readonly types: string; readonly default: string }
    expect(Object.keys(files)).toEqual(['types', 'default'])
    for (const file of Object.values(files)) expect(existsSync(file), `${file}: run npm run build`).toBe(true)
  })

  it('names a command and a script-tag file that the build wrote', () => {
    for (const file of [...Object.values(manifest.bin), manifest.unpkg])
      expect(existsSync(file), file).toBe(true)
  })
})

// Each starts a Node of its own, on a machine that may be busy.
describe('importing in plain Node', { timeout: 60_000 }, () => {
  it.each(specifiers)('%s has no side effect', (specifier) => {
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', PROBE, specifier], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    const probe = JSON.parse(output) as { exports: number; globals: string[] }
    expect({ ...probe, globals: probe.globals.filter((key) => !FOREIGN_GLOBALS.includes(key)) }).toEqual({
      exports: specifier === 'holdfast/worker' ? 0 : expect.any(Number),
      seen: [],
      globals: [],
      resources: [],
      listeners: [],
    })
    if (specifier !== 'holdfast/worker') expect(probe.exports).toBeGreaterThan(0)
  })
})

describe('the ESM entries', () => {
  it.each(specifiers)('%s loads no WebRTC stack at once', (specifier) => {
    const file = (manifest.exports[specifier.replace('holdfast', '.')] as { readonly default: string }).default
    for (const text of filesLoadedBy(file))
      expect(text).not.toMatch(/^import .*['"](y-webrtc|simple-peer\b.*)['"]/m)
  })
})

/** The entry and what it imports statically inside `dist/`. */
function filesLoadedBy(file: string, seen = new Map<string, string>()): readonly string[] {
  if (seen.has(file)) return []
  const text = readFileSync(file, 'utf8')
  seen.set(file, text)
  for (const [, source] of text.matchAll(/^(?:import|export) [^;]*?from ['"](\.[^'"]+)['"]/gm))
    filesLoadedBy(new URL(source ?? '', `file:///${file}`).pathname.slice(1), seen)
  return [...seen.values()]
}
