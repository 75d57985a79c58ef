/**
 * What a page downloads, gzipped: `npm run size`. Each row has the limit that it must not exceed (what it was
 * plus 3 %, so that nothing grows unnoticed), and some have the bar that the project set itself; a missed bar
 * is said in the row and is no failure. Entries are measured as an app's bundler would write them, minified,
 * with code splitting; files that pages load as they are, as they are. `--json` prints names and bytes alone.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import esbuildPlugin from '@size-limit/esbuild'
import filePlugin from '@size-limit/file'
import { build } from 'esbuild'
import sizeLimit from 'size-limit'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Packages that an app holds once, whoever uses them. */
const SHARED = ['yjs', 'y-webrtc', 'y-protocols', 'lib0', 'simple-peer', 'react']
/** Loaded only where no worker can be started from its file, or where the app demands tokens. */
const NOT_EVERYBODYS = /^chunk-(page-host|worker-source|admission-gate|yjs-link|in-band)-/
/** Loaded when a call has joined, on nobody's way to the first picture. */
const LATER = /^chunk-(recovery-desk|recovery-guard|experience|health-desk|export-trace)-/

const core = await splitCore()
const ROWS = [
  { name: 'core entry, before join()', files: core.entry, limit: 12_100, bar: 20_000 },
  { name: 'core entry and all that join() loads', files: core.joined, limit: 80_800 },
  { name: 'loaded once joined: repair, learn, explain', files: core.later, limit: 54_300 },
  {
    name: 'script tag, everything',
    files: [join(ROOT, 'dist/holdfast.iife.min.js')],
    limit: 85_000,
    bar: 85_000,
  },
  { name: 'worker file', files: [join(ROOT, 'dist/health-worker.js')], limit: 31_700 },
  { name: 'providers/mesh', bundle: 'dist/providers/mesh.js', limit: 11_300 },
  { name: 'providers/whip', bundle: 'dist/providers/whip.js', limit: 13_700 },
  { name: 'providers/janus', bundle: 'dist/providers/janus.js', limit: 12_200 },
  { name: 'auth, with jose', bundle: 'dist/auth.js', limit: 11_400 },
  { name: 'react', bundle: 'dist/react.js', limit: 1_100 },
]

const results = await sizeLimit([esbuildPlugin, filePlugin], { checks: ROWS.map(checkOf) })
rmSync(core.folder, { recursive: true, force: true })
const isJson = process.argv.includes('--json')
if (isJson)
  process.stdout.write(
    `${JSON.stringify(ROWS.map(({ name }, index) => ({ name, bytes: results[index].size })))}\n`,
  )
else process.stdout.write(`gzipped, without ${SHARED.join(', ')} (the script tag has all it needs):\n`)
ROWS.forEach((row, index) => {
  if (!isJson) process.stdout.write(`${lineOf(row, results[index].size)}\n`)
  if (results[index].size > row.limit) process.exitCode = 1
})

function checkOf({ files, bundle }) {
  if (files) return { files, gzip: true, esbuild: false }
  return { files: [join(ROOT, bundle)], ignore: SHARED, gzip: true }
}

function lineOf({ name, limit, bar }, size) {
  const state = size > limit ? 'TOO LARGE' : 'ok'
  const barText = size > bar ? `bar ${kilo(bar)} MISSED by ${kilo(size - bar)}` : `bar ${kilo(bar)} met`
  const columns = [state.padEnd(9), name.padEnd(43), kilo(size).padStart(8), `limit ${kilo(limit)}`.padEnd(14)]
  return [...columns, bar === undefined ? '' : barText].join('  ').trimEnd()
}

function kilo(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`
}

/** Bundles the main entry with code splitting; files by when a page loads them. */
async function splitCore() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-size-'))
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['dist/index.js'],
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    external: SHARED,
    metafile: true,
    logLevel: 'error',
  })
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]))
  const reach = (names, isFollowed) => {
    const found = new Set(names)
    for (const name of found)
      for (const { path, kind, external } of outputs.get(name).imports)
        if (!external && isFollowed(basename(path), kind)) found.add(basename(path))
    return [...found].map((name) => join(folder, name))
  }
  const isJoining = (name) => !NOT_EVERYBODYS.test(name) && !LATER.test(name)
  const joining = new Set(reach(['index.js'], isJoining))
  const all = reach(['index.js'], (name) => !NOT_EVERYBODYS.test(name))
  return {
    folder,
    entry: reach(['index.js'], (_name, kind) => kind !== 'dynamic-import'),
    joined: [...joining],
    later: all.filter((file) => !joining.has(file)),
  }
}
