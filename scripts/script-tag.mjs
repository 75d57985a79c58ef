/**
 * What the build of the script-tag file does beyond bundling. The page pays for every byte of this one file,
 * so what other builds get from packages made for Node is replaced by files in `src/script-tag/`.
 */
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import { ROOT } from './checks.mjs'

const own = (name) => join(ROOT, 'src/script-tag', name)
const SIMPLE_PEER = createRequire(join(ROOT, 'package.json')).resolve('simple-peer/index.js')

/** Import, as written or as our own path, to the file that stands in for it. */
const STAND_INS = {
  // The prebuilt file holds polyfills of Node's buffers and streams: 85 of its 98 kB.
  'simple-peer/simplepeer.min.js': SIMPLE_PEER,
  'lib0/logging': own('silent-log.ts'),
  'lib0/broadcastchannel': own('no-broadcast.ts'),
  [join(ROOT, 'node_modules/y-webrtc/src/crypto.js')]: own('no-room-key.ts'),
  [join(ROOT, 'src/worker/worker-file.ts')]: own('worker-file.ts'),
  // Pages that demand tokens use the modules; every other page is spared what checks them.
  [join(ROOT, 'src/document/admission-gate.ts')]: own('no-admission.ts'),
}

/** What simple-peer asks Node for, and what `simple-peer-ground.ts` exports instead. */
const GROUND = {
  "const debug = require('debug')('simple-peer')": 'debug',
  "const getBrowserRTC = require('get-browser-rtc')": 'getBrowserRTC',
  "const randombytes = require('randombytes')": 'randombytes',
  "const stream = require('readable-stream')": 'stream',
  "const queueMicrotask = require('queue-microtask')": null,
  "const errCode = require('err-code')": 'errCode',
  "const { Buffer } = require('buffer')": 'Buffer',
}

/** Calls that only log: the minifier drops them together with their texts. */
export const SILENT = ['this._debug']

/** Resolves the stand-ins, and turns simple-peer's source into a module on its stand-in ground. */
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
      return id.split(sep).join('/') === SIMPLE_PEER.split(sep).join('/')
        ? { code: grounded(code), map: { mappings: '' } }
        : null
    },
  }
}

function grounded(code) {
  let text = code
  for (const line of Object.keys(GROUND)) {
    if (!text.includes(line)) throw new Error(`simple-peer changed: there is no ${line}`)
    text = text.replace(line, '')
  }
  if (/\brequire\(/.test(text)) throw new Error('simple-peer changed: it requires something new')
  const names = Object.values(GROUND).filter((name) => name !== null)
  const ground = `import { ${names.join(', ')} } from ${JSON.stringify(own('simple-peer-ground.ts'))}\n`
  return ground + text.replace('module.exports = Peer', 'export default Peer')
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
