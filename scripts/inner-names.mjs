/**
 * Names of members that only our own objects use among themselves: `node scripts/inner-names.mjs` writes them to
 * `inner-names.json`, and the build of the script-tag file shortens them. A name is in the list when the sources declare
 * it and when it is none of these: part of the types that apps see, a text, a field of what is parsed or sent, a word of
 * the platform's types. Needs `npm run build` before, for the types.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FILE = join(ROOT, 'scripts/inner-names.json')
/** Shorter ones, or single words, save little and may mean something to somebody. */
const NAME = /^(?=.{7})[a-z]+[A-Z]\w*$/
/** Members of packages and of browsers that TypeScript's libraries do not know, and what is stored under its name. */
const FOREIGN = ['deviceMemory', 'getAutoplayPolicy', 'sampleInterval', 'removeAllListeners', 'heldUntilMs']

/** The names as the sources have them now, in order. */
export function findInnerNames() {
  const declared = new Set()
  const taken = new Set(FOREIGN)
  for (const file of filesIn(join(ROOT, 'src'), /\.tsx?$/)) readSource(file, declared, taken)
  const types = filesIn(join(ROOT, 'dist'), /\.d\.ts$/)
  const lib = dirname(createRequire(import.meta.url).resolve('typescript'))
  const platform = filesIn(lib, /^lib\..*\.d\.ts$/)
  for (const file of [...types, ...platform])
    for (const [word] of readFileSync(file, 'utf8').matchAll(/[A-Za-z_$][\w$]*/g)) taken.add(word)
  return [...declared].filter((name) => NAME.test(name) && !taken.has(name)).sort()
}

function filesIn(folder, pattern) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

function readSource(file, declared, taken) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const isServer = file.includes(join('src', 'server'))
  const visit = (node) => {
    if ((ts.isPropertySignature(node) || ts.isMethodSignature(node)) && ts.isIdentifier(node.name))
      (isServer ? taken : declared).add(node.name.text)
    if (ts.isStringLiteralLike(node)) taken.add(node.text)
    if (ts.isCallExpression(node) && SHAPES.test(node.expression.getText(source)))
      for (const shape of node.arguments.filter(ts.isObjectLiteralExpression))
        for (const { name } of shape.properties) if (name) taken.add(name.getText(source))
    ts.forEachChild(node, visit)
  }
  visit(source)
}

/** Calls whose objects are seen by others: schemas of what is parsed, and what is sent or stored. */
const SHAPES = /(^|\.)(object|strictObject|looseObject|partial|stringify|postMessage|send|announce)$/

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(FILE, `${JSON.stringify(findInnerNames(), null, 2)}\n`)
