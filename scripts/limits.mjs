/**
 * Writes docs/limits.md: every named limit and time of the sources with its value and its reason, as the
 * comment above it gives them. Run it after one was added or changed. `--check` writes nothing: it prints what
 * docs/limits.md and docs/architecture.md have wrong, and fails.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CONSTANT = /^(?:export )?const ([A-Z][A-Z0-9_]{3,})(?:: \w+)? = (-?[\d_.]+(?: \* [\w ]+)*)$/
/** Objects whose members are limits. */
const TABLE = /^export const (AGREEMENT_DEFAULTS|SFU_LIMITS|SIGNALING_LIMITS)\b.* = \{$/
const MEMBER = /^ {2}(\w+): ([\d_]+(?: \* [\d_]+)*),$/
/** What is neither a bound nor a time: versions, layouts, sizes given by an algorithm, scores. */
const NO_LIMIT =
  /VERSION|_SIZE$|MODULUS|_WEIGHT$|_RATIO$|_FPS$|_DECAY$|_SPAN_|^FREE_|^DTLS_|^NO_|^DAY_MS$|_EXISTS$|^(?:HASH|BLOCK|SLICE|IV|VOTER|SESSION|PAGE_ID|NAME)_BYTES$/
/** Folders that no call runs. */
const LEFT_OUT = /^src\/(?:testing|script-tag)\/|\/vp8\.ts$/

const ROW = /^\| `\w+` \| `[\w/.-]+\.tsx?` \| [^|]+ \|/gm

/** All limits: `{ file, name, value, why }`, sorted by file. */
export function readLimits(root = ROOT) {
  return readdirSync(join(root, 'src'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !LEFT_OUT.test(file))
    .sort()
    .flatMap((file) => limitsOf(file, readFileSync(join(root, file), 'utf8').split('\n')))
}

function limitsOf(file, lines) {
  let isInTable = false
  return lines.flatMap((line, index) => {
    if (TABLE.test(line)) isInTable = true
    else if (line.startsWith('}')) isInTable = false
    const [, name, value] = line.match(CONSTANT) ?? (isInTable ? line.match(MEMBER) : null) ?? []
    if (name === undefined || NO_LIMIT.test(name)) return []
    return [
      {
        file: file.slice('src/'.length),
        name,
        value: value.replace(/(\d)_(?=\d)/g, '$1'),
        why: commentAbove(lines, index),
      },
    ]
  })
}

function commentAbove(lines, index) {
  const found = []
  for (let at = index - 1; at >= 0; at -= 1) {
    const line = lines[at].trim()
    if (!/^(?:\/\*\*|\*|\/\/)/.test(line)) break
    found.unshift(line.replace(/^(?:\/\*\*|\*\/|\*|\/\/) ?/, '').replace(/ ?\*\/$/, ''))
    if (line.startsWith('/**')) break
  }
  // Of two that stand together the comment above the first is about both.
  if (found.length === 0 && index > 0 && (CONSTANT.test(lines[index - 1]) || MEMBER.test(lines[index - 1])))
    return commentAbove(lines, index - 1)
  return found
    .join(' ')
    .trim()
    .replace(/\{@link ([^}]+)\}/g, '$1')
    .replaceAll('|', '/')
}

/** A row's part that has to be true; the reason may be told in other words. */
function rowOf({ file, name, value }) {
  return `| \`${name}\` | \`${file}\` | ${value} |`
}

/** The page. */
export function limitsPage(limits = readLimits()) {
  const rows = limits.map((limit) => `${rowOf(limit)} ${limit.why} |`)
  return `# Limits

Every named limit and time in the sources, with its reason. Written by \`node scripts/limits.mjs\` from the comments
in the code; change it there. The ones that shape a call are explained in [architecture.md](architecture.md).

| name | file in \`src/\` | value | why |
|---|---|---|---|
${rows.join('\n')}
`
}

/** Rows of the two pages that the sources contradict, and limits that the first page lacks. */
export function wrongRows(limits = readLimits()) {
  const known = new Set(limits.map(rowOf))
  const pages = ['docs/limits.md', 'docs/architecture.md'].map((file) => readFileSync(join(ROOT, file), 'utf8'))
  const told = pages.map((page) => [...page.matchAll(ROW)].map((match) => match[0]))
  const wrong = told.flat().filter((row) => !known.has(row))
  const missing = [...known].filter((row) => !told[0].includes(row))
  return [...wrong.map((row) => `wrong: ${row}`), ...missing.map((row) => `missing: ${row}`)]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === '--check') {
    for (const line of wrongRows()) process.stdout.write(`${line}\n`)
    process.exitCode = wrongRows().length === 0 ? 0 : 1
  } else writeFileSync(join(ROOT, 'docs/limits.md'), limitsPage())
}
