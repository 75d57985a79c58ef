/**
 * What the build of the script-tag file does beyond bundling. The page pays for every byte of this one file,
 * so what other builds get from packages made for Node is replaced by files in `src/script-tag/`.
 */
import { join, sep } from 'node:path'
import { ROOT } from './checks.mjs'
import { cut } from './cut.mjs'
import { CUTS } from './script-tag-cuts.mjs'

const own = (name) => join(ROOT, 'src/script-tag', name)

/** Import, as written or as our own path, to the file that stands in for it. */
const STAND_INS = {
  'simple-peer/simplepeer.min.js': own('simple-peer.ts'),
  comlink: own('comlink.ts'),
  idb: own('idb.ts'),
  valibot: own('valibot.ts'),
  'lib0/logging': own('silent-log.ts'),
  'lib0/environment': own('browser.ts'),
  [join(ROOT, 'src/worker/worker-file.ts')]: own('worker-file.ts'),
  // Fixed priorities hold there, and the snapshot says so.
  [join(ROOT, 'src/call/experience-loader.ts')]: own('no-experience.ts'),
  // Joining waits for the document there.
  [join(ROOT, 'src/call/early.ts')]: own('no-early.ts'),
  // Detectors and alerts would be a quarter of the worker; the modules have them.
  [join(ROOT, 'src/worker/diagnose-batch.ts')]: own('no-diagnosis.ts'),
  [join(ROOT, 'src/call/health-desk.ts')]: own('no-health-desk.ts'),
  // Pages that demand tokens use the modules; every other page is spared what checks them.
  [join(ROOT, 'src/document/admission-gate.ts')]: own('no-admission.ts'),
  // Its worker judges connections and gives each peer one score; detectors, tracks and risk are the modules'.
  [join(ROOT, 'src/health/stat-rows.ts')]: own('plain-rows.ts'),
  [join(ROOT, 'src/health/rating.ts')]: own('plain-rating.ts'),
  [join(ROOT, 'src/health/summary.ts')]: own('no-summary.ts'),
  [join(ROOT, 'src/health/peer-watch.ts')]: own('plain-peers.ts'),
  [join(ROOT, 'src/worker/recorder.ts')]: own('no-recorder.ts'),
  [join(ROOT, 'src/worker/assess-batch.ts')]: own('no-risk.ts'),
  [join(ROOT, 'src/call/export-trace.ts')]: own('no-trace.ts'),
  [join(ROOT, 'src/document/yjs-link.ts')]: own('no-links.ts'),
  [join(ROOT, 'src/document/in-band.ts')]: own('no-in-band.ts'),
  [join(ROOT, 'src/providers/janus/data.ts')]: own('no-janus-data.ts'),
}

/** Resolves the stand-ins, and cuts out of packages what nobody calls. */
export function standIns() {
  return {
    name: 'stand-ins',
    async resolveId(source, importer) {
      if (source in STAND_INS) return STAND_INS[source]
      if (!importer) return null
      if (source === 'yjs' && importer.startsWith(join(ROOT, 'src/document'))) return own('yjs.ts')
      if (!source.startsWith('.')) return null
      const resolved = await this.resolve(source, importer, { skipSelf: true })
      return resolved && resolved.id in STAND_INS ? STAND_INS[resolved.id] : null
    },
    transform(code, id) {
      const path = id.split(sep).join('/')
      const name = Object.keys(CUTS).find((file) => path.endsWith(`node_modules/${file}`))
      if (name === undefined) return null
      return { code: cut(code, CUTS[name], (text) => this.parse(text)), map: { mappings: '' } }
    },
  }
}

/**
 * The bundle inside a function that knows its own text and address: the one script is the worker too
 * (`src/script-tag/worker-file.ts`). `currentScript` is gone once the first run is over.
 */
export const wrapped = {
  banner: `var Holdfast = (function holdfastScript() {
const holdfastScriptUrl = typeof document === 'object' && document.currentScript && document.currentScript.src || '';`,
  footer: 'return Holdfast })();',
}
