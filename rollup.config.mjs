/**
 * Builds everything in `dist/`: ESM entries with their types, the health worker, the script-tag bundle and
 * the `holdfast` command.
 *
 * esbuild only strips types here (they are checked by `tsc`); Rollup bundles, terser minifies what is served
 * as a file of its own. ESM entries stay readable and keep every package external, so that an app holds one
 * copy of yjs; the script-tag bundle and the worker contain everything.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import commonjs from '@rollup/plugin-commonjs'
import nodeResolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import { transform } from 'esbuild'
import { rollup } from 'rollup'
import dts from 'rollup-plugin-dts'
import { INSIDE, inPages, leftOut, shortWords, standIns, wrapped } from './scripts/script-tag.mjs'

const ROOT = dirname(fileURLToPath(import.meta.url))
const MANIFEST = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'))
const WORKER_ENTRY = resolve(ROOT, 'src/worker/worker.ts')
const WORKER_SOURCE = resolve(ROOT, 'src/worker/worker-source.ts')

/** A worker is started, not imported: what its entry exports for tests is left out. */
const workerInput = { input: WORKER_ENTRY, preserveEntrySignatures: false }

/** Entry name in `dist/` to source file; the names are those of `exports` in package.json. */
const ENTRIES = {
  index: 'src/index.ts',
  react: 'src/react/index.ts',
  auth: 'src/auth/index.ts',
  'providers/mesh': 'src/providers/mesh.ts',
  'providers/whip': 'src/providers/whip.ts',
  'providers/janus': 'src/providers/janus.ts',
  'providers/memory': 'src/providers/memory.ts',
  testing: 'src/testing/index.ts',
}

const packages = [...Object.keys(MANIFEST.dependencies), ...Object.keys(MANIFEST.peerDependencies), 'lib0']
const nodeModules = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)])
const isPackage = (id) =>
  nodeModules.has(id) || packages.some((name) => id === name || id.startsWith(`${name}/`))

const dist = (name) => resolve(ROOT, 'dist', name)
const onwarn = (warning) => {
  // The circular imports inside lib0 and simple-peer are theirs; ours are an error of the linter.
  if (warning.code === 'CIRCULAR_DEPENDENCY' && warning.ids?.every((id) => id.includes('node_modules'))) return
  // y-webrtc's prebuilt simple-peer is an UMD file whose top-level `this` Rollup rewrites as it should.
  if (warning.code === 'THIS_IS_UNDEFINED' && warning.id?.includes('node_modules')) return
  throw new Error(`${warning.code}: ${warning.message}`)
}

/** `./x.js` in TypeScript sources means `./x.ts`; types are stripped, nothing is lowered below ES2022. */
function typescript() {
  return {
    name: 'typescript',
    resolveId(source, importer) {
      if (!importer || !/^\.{1,2}\//.test(source) || !source.endsWith('.js')) return null
      const base = resolve(dirname(importer), source.slice(0, -'.js'.length))
      return [`${base}.ts`, `${base}.tsx`].find((path) => existsSync(path)) ?? null
    },
    async transform(code, id) {
      if (!/\.tsx?$/.test(id)) return null
      // Rollup drops module directives with a warning; the banner of the entry says it again.
      const result = await transform(code.replace(/^'use client'$/m, ''), {
        loader: id.endsWith('x') ? 'tsx' : 'ts',
        jsx: 'automatic',
        target: 'es2022',
        sourcefile: id,
        sourcemap: true,
      })
      return { code: result.code, map: result.map }
    },
  }
}

const bundled = () => [nodeResolve({ browser: true, preferBuiltins: false }), commonjs()]
/** Reading a property of ours has no effect, and none of our functions is called with `new`; bodies stay where they are. */
const COMPRESS = { passes: 3, pure_getters: true, unsafe_arrows: true, inline: 1, drop_console: true }
const minified = (mangle = true) => terser({ ecma: 2022, module: false, compress: COMPRESS, mangle })

/** The worker as the text of a classic script: what runs from a blob URL where the file cannot be loaded. */
async function workerText() {
  const bundle = await rollup({ ...workerInput, plugins: [typescript(), ...bundled()], onwarn })
  const { output } = await bundle.generate({ format: 'iife', plugins: [minified()] })
  await bundle.close()
  return output[0].code.trim()
}

/** Fills the empty `workerSource` of the sources with the built worker. */
function inlinedWorker() {
  let text
  return {
    name: 'inlined-worker',
    async transform(_code, id) {
      if (id !== WORKER_SOURCE) return null
      text ??= workerText()
      return { code: `export const workerSource = ${JSON.stringify(await text)}`, map: { mappings: '' } }
    },
  }
}

/** The first build empties `dist/`, so that no chunk of an earlier one is packed. */
function emptied() {
  return { name: 'emptied', buildStart: () => rmSync(dist(''), { recursive: true, force: true }) }
}

const modules = {
  input: present(ENTRIES),
  external: isPackage,
  plugins: [emptied(), inlinedWorker(), typescript()],
  onwarn,
  // Chunks lie beside the entries, never deeper: the worker's address is relative to the module that starts it.
  output: {
    dir: dist(''),
    format: 'es',
    chunkFileNames: 'chunk-[name]-[hash].js',
    banner: (chunk) => (chunk.name === 'react' ? "'use client'" : ''),
  },
}

const types = {
  input: present(ENTRIES),
  external: isPackage,
  plugins: [dts({ tsconfig: resolve(ROOT, 'tsconfig.json') })],
  onwarn,
  output: { dir: dist(''), format: 'es', chunkFileNames: 'types-[name]-[hash].d.ts' },
}

const worker = {
  ...workerInput,
  plugins: [typescript(), ...bundled()],
  onwarn,
  output: { file: dist('health-worker.js'), format: 'es', plugins: [minified(), withoutExports()] },
}

/** The worker is a module to start, not to import: its types say that it exports nothing. */
function withoutExports() {
  return {
    name: 'without-exports',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'health-worker.d.ts', source: 'export {}\n' })
    },
  }
}

const scriptTag = {
  input: resolve(ROOT, 'src/script-tag.ts'),
  plugins: [standIns(), typescript(), leftOut(), inPages(), ...bundled()],
  onwarn,
  output: {
    file: dist('holdfast.iife.min.js'),
    format: 'iife',
    name: 'Holdfast',
    inlineDynamicImports: true,
    generatedCode: { preset: 'es2015', symbols: false },
    freeze: false,
    externalLiveBindings: false,
    ...wrapped,
    plugins: [minified({ properties: { regex: INSIDE } }), shortWords()],
  },
}

const command = {
  input: present({ 'server/bin': 'src/server/bin.ts' }),
  external: isPackage,
  plugins: [typescript()],
  onwarn,
  output: {
    dir: dist(''),
    format: 'es',
    chunkFileNames: 'server/chunk-[name]-[hash].js',
  },
}

/** Only entries whose file exists; a missing one is named, and the packaging tests fail on it. */
function present(entries) {
  const found = Object.entries(entries).filter(([, path]) => existsSync(resolve(ROOT, path)))
  for (const [name, path] of Object.entries(entries))
    if (!existsSync(resolve(ROOT, path))) process.stderr.write(`build: ${name} left out, there is no ${path}\n`)
  return Object.fromEntries(found.map(([name, path]) => [name, resolve(ROOT, path)]))
}

const hasInput = (config) =>
  typeof config.input === 'string' ? existsSync(config.input) : Object.keys(config.input).length > 0

export default [modules, types, worker, scriptTag, command].filter(hasInput)
