/**
 * What the build of the script-tag file does beyond bundling. The page pays for every byte of this one file,
 * so what other builds get from packages made for Node is replaced by files in `src/script-tag/`.
 */
import { readFileSync } from 'node:fs'
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
  // Half a kilobyte and more of sentences, which docs/errors.md has as well.
  [join(ROOT, 'src/error-codes.ts')]: own('short-codes.ts'),
  [join(ROOT, 'src/worker/worker-file.ts')]: own('worker-file.ts'),
  // y-webrtc's sockets, its announcing and its logs, for one class that opens data channels.
  [join(ROOT, 'src/document/y-webrtc-room.ts')]: own('plain-room.ts'),
  [join(ROOT, 'src/document/late-mesh.ts')]: own('plain-mesh.ts'),
  // What outlives the page is only read by what learns from it.
  [join(ROOT, 'src/history/history.ts')]: own('brief-history.ts'),
  // Fixed priorities hold there, and the snapshot says so.
  [join(ROOT, 'src/call/experience-loader.ts')]: own('no-experience.ts'),
  // Joining waits for the document there.
  [join(ROOT, 'src/call/early.ts')]: own('no-early.ts'),
  [join(ROOT, 'src/providers/whip/foresight.ts')]: own('no-foresight.ts'),
  [join(ROOT, 'src/providers/whip/stash.ts')]: own('no-stash.ts'),
  // Detectors and alerts would be a quarter of the worker; the modules have them.
  [join(ROOT, 'src/worker/diagnose-batch.ts')]: own('no-diagnosis.ts'),
  [join(ROOT, 'src/call/health-desk.ts')]: own('no-health-desk.ts'),
  [join(ROOT, 'src/call/health-view.ts')]: own('reduced-health.ts'),
  // Repairs of tracks, quality and devices are the modules'; the snapshot says so.
  [join(ROOT, 'src/call/recovery-loader.ts')]: own('no-recovery.ts'),
  [join(ROOT, 'src/call/recovery-view.ts')]: own('reduced-recovery.ts'),
  [join(ROOT, 'src/call/recovery-options.ts')]: own('no-recovery-options.ts'),
  [join(ROOT, 'src/repair/define-strategy.ts')]: own('no-strategies.ts'),
  // The standby that the app asked for: dangers, breakers and patience are the modules'.
  [join(ROOT, 'src/call/standby.ts')]: own('plain-standby.ts'),
  [join(ROOT, 'src/call/expected.ts')]: own('plain-expected.ts'),
  // Larger calls on slow machines use the modules.
  [join(ROOT, 'src/call/repair-wait.ts')]: own('no-repair-wait.ts'),
  // Pages that demand tokens use the modules; every other page is spared what checks them.
  [join(ROOT, 'src/document/admission-gate.ts')]: own('no-admission.ts'),
  // Its worker judges connections and gives each peer one score; detectors, tracks and risk are the modules'.
  [join(ROOT, 'src/health/stat-rows.ts')]: own('plain-rows.ts'),
  [join(ROOT, 'src/health/rating.ts')]: own('plain-rating.ts'),
  [join(ROOT, 'src/health/pack.ts')]: own('plain-pack.ts'),
  [join(ROOT, 'src/health/sight-date.ts')]: own('plain-sight-date.ts'),
  [join(ROOT, 'src/health/summary.ts')]: own('no-summary.ts'),
  [join(ROOT, 'src/health/peer-watch.ts')]: own('plain-peers.ts'),
  [join(ROOT, 'src/worker/recorder.ts')]: own('no-recorder.ts'),
  [join(ROOT, 'src/worker/assess-batch.ts')]: own('no-risk.ts'),
  [join(ROOT, 'src/call/export-trace.ts')]: own('no-trace.ts'),
  [join(ROOT, 'src/document/yjs-link.ts')]: own('no-links.ts'),
  [join(ROOT, 'src/document/link-list.ts')]: own('own-list.ts'),
  // Ways are measured for whoever looks at them, never for a decision.
  [join(ROOT, 'src/document/link-paths.ts')]: own('no-paths.ts'),
  [join(ROOT, 'src/document/pulse-echoes.ts')]: own('no-echoes.ts'),
  [join(ROOT, 'src/document/round-trips.ts')]: own('no-round-trips.ts'),
  [join(ROOT, 'src/call/in-band.ts')]: own('no-in-band.ts'),
  [join(ROOT, 'src/document/server-knock.ts')]: own('no-knock.ts'),
  [join(ROOT, 'src/document/intake.ts')]: own('no-intake.ts'),
  [join(ROOT, 'src/document/dialling.ts')]: own('no-dialling.ts'),
  // Notes are for what is shown when a senior closes its tab, never for a decision.
  [join(ROOT, 'src/document/parting-note.ts')]: own('no-parting.ts'),
  [join(ROOT, 'src/consensus/arrivals.ts')]: own('no-arrivals.ts'),
  [join(ROOT, 'src/call/token-expiry.ts')]: own('no-token-expiry.ts'),
  [join(ROOT, 'src/call/threshold-names.ts')]: own('no-threshold-names.ts'),
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
      if (source === 'y-protocols/awareness' && importer.startsWith(join(ROOT, 'src/document')))
        return own('awareness.ts')
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
 * Members of our own objects that nobody calls there, by the folder they are in: the contract of providers has them
 * as optional, and only the recovery of the modules asks for them.
 */
const LEFT_OUT = {
  'src/providers/': [
    ...['resubscribe', 'relayOnly', 'renew', 'iceTransportPolicy', 'prepare'],
    ...['requestKeyFrame', 'setSendCap', 'refreshCaps'],
  ],
  'src/document/open-document.ts': ['measureRoundTrip'],
  'src/document/presence-board.ts': ['pageOf'],
  'src/media/remote-media.ts': ['lastMediaAtMs', 'connectionOf'],
  'src/worker/sampler.ts': ['trackOf'],
}

/** Leaves them out of object literals and patterns; for code whose types are stripped. */
export function leftOut() {
  return {
    name: 'left-out',
    transform(code, id) {
      const folder = Object.keys(LEFT_OUT).find((path) => id.startsWith(join(ROOT, path)))
      if (folder === undefined) return null
      const cuts = []
      const walk = (node) => {
        const isObject = node.type === 'ObjectExpression' || node.type === 'ObjectPattern'
        for (const [index, one] of (isObject ? node.properties : []).entries())
          if (LEFT_OUT[folder].includes(one.key?.name))
            cuts.push([one.start, node.properties[index + 1]?.start ?? node.end - 1])
        for (const value of Object.values(node))
          for (const child of Array.isArray(value) ? value : [value])
            if (typeof child?.type === 'string') walk(child)
      }
      walk(this.parse(code))
      if (cuts.length === 0) return null
      let result = ''
      let end = 0
      // A cut inside another one goes with it.
      for (const [from, to] of cuts.sort((one, other) => one[0] - other[0]))
        if (from >= end) {
          result += code.slice(end, from)
          end = to
        }
      return { code: result + code.slice(end), map: { mappings: '' } }
    },
  }
}

/** Our code asks whether it runs in a page, because the modules may be used on servers; this file never is. */
export function inPages() {
  return {
    name: 'in-pages',
    transform(code, id) {
      if (!id.startsWith(join(ROOT, 'src'))) return null
      const known = code.replace(
        /typeof (?:window|document|navigator|CryptoKey) ([!=])==? ['"]undefined['"]/g,
        (_, sign) => String(sign === '!'),
      )
      return known === code ? null : { code: known, map: { mappings: '' } }
    },
  }
}

/** Members that our own objects use among themselves, by `inner-names.mjs`. */
const OWN = JSON.parse(readFileSync(join(ROOT, 'scripts/inner-names.json'), 'utf8'))

/**
 * Members with names that may be shortened: those of our own, and what yjs, y-protocols and simple-peer use among
 * themselves; nothing of them is a text or on the wire.
 */
export const INSIDE = new RegExp(
  `^(_[a-z]\\w*|${[
    ...OWN,
    'restEncoder|restDecoder|(read|write)(LeftID|RightID|Client|Info|ParentInfo|TypeRef|Len|Any|Buf|JSON|Key|String)',
    '(read|write)Ds(Clock|Len)|resetDs(CurVal|Decoder)|(origin|right|left)Origin|rightOrigin|parentSub|countable|lastId',
    'mergeWith|redone|deleteSet|(before|after)State|changedParentTypes|subdocs(Added|Removed|Loaded)|pendingDs|pendingStructs',
    'needFormattingCleanup|clientStructs|currClient|startClock|filterSkips|gcFilter|keysChanged|getMissing|missingSV',
    'isCountable|hasContent|integrate|getContent',
  ].join('|')})$`,
)

/**
 * Writes `let` for `const` everywhere: nothing here is assigned twice anyway, and a thousand words are shorter.
 * For minified code, after everything that wants to know what is constant.
 */
export function shortWords() {
  return {
    name: 'short-words',
    renderChunk(code) {
      const starts = []
      const walk = (node) => {
        if (node.type === 'VariableDeclaration' && node.kind === 'const') starts.push(node.start)
        for (const value of Object.values(node))
          for (const child of Array.isArray(value) ? value : [value])
            if (typeof child?.type === 'string') walk(child)
      }
      walk(this.parse(code))
      starts.sort((one, other) => one - other)
      let result = ''
      let end = 0
      for (const start of starts) {
        result += `${code.slice(end, start)}let`
        end = start + 'const'.length
      }
      return { code: result + code.slice(end), map: { mappings: '' } }
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
