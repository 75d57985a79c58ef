/** The linter is part of the design: each rule must really fail on code that breaks it. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const FIXTURES: Readonly<Record<string, string>> = {
  'src/errors.ts': 'export const errors = 1\n',
  'src/index.ts': "export { useCall } from './react/index.js'\n",
  'src/events.ts': "export { call } from './call/call.js'\n",
  'src/health/imports.ts': importsOf('../errors.js', './score.js', '../recovery/plan.js', 'valibot'),
  'src/recovery/imports.ts': importsOf('../errors.js', '../health/score.js', '../consensus/step.js'),
  'src/consensus/imports.ts': importsOf('../errors.js', '../document/fold.js', '../health/score.js'),
  'src/document/imports.ts': importsOf('../consensus/step.js', '../media/flip.js', 'valibot'),
  'src/providers/whip/imports.ts': importsOf('../provider.js', '../../errors.js', '../../document/fold.js'),
  'src/media/imports.ts': importsOf('../providers/provider.js', '../providers/whip.js', '../repair/ice.js'),
  'src/call/imports.ts': importsOf('../document/fold.js', '../index.js', '../react/index.js'),
  'src/react/imports.ts': importsOf('../index.js', '../call/call.js', 'react'),
  'src/server/imports.ts': importsOf('../errors.js', '../call/call.js', 'node:http'),
  'src/consensus/clock.ts':
    'export const read = () => [Date.now(), Math.random(), performance.now(), new Date()]\n' +
    'export const wait = () => [setTimeout(read, 1), setInterval(read, 1), queueMicrotask(read)]\n',
  'src/call/clock.ts': 'export const read = () => Date.now() + Math.random()\n',
  'src/call/BadName.ts': 'export const name = 1\n',
  'src/call/default.ts': 'export default 1\n',
  'src/call/floating.ts': 'const work = async () => 1\nexport function start() {\n  work()\n}\n',
  'src/call/cycle-a.ts': "import { b } from './cycle-b.js'\nexport const a = () => b\n",
  'src/call/cycle-b.ts': "import { a } from './cycle-a.js'\nexport const b = () => a\n",
  'src/call/long-file.ts': lines(301, (i) => `export const a${i} = 1`),
  'src/call/long-function.ts': `export function long(out: number[]) {\n${lines(61, (i) => `  out.push(${i})`)}}\n`,
  'src/call/console.ts': "console.log('seen')\n",
  'src/call/swallowed.ts': 'export function quiet(work: () => void) {\n  try {\n    work()\n  } catch {}\n}\n',
  'src/call/any.ts': 'export const loose = (value: any) => value\n',
}

let folder: string
let found: readonly { file: string; rule: string; line: number }[]

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-lint-'))
  for (const name of ['biome.json', '.gitignore', 'tsconfig.json', 'tsconfig.base.json', 'scripts/lint'])
    cpSync(name, join(folder, name), { recursive: true })
  for (const [path, text] of Object.entries(FIXTURES)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  found = diagnosticsOf(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the import rule', () => {
  it.each([
    ['src/index.ts', [1]],
    ['src/events.ts', [1]],
    ['src/health/imports.ts', [3, 4]],
    ['src/recovery/imports.ts', [3]],
    ['src/consensus/imports.ts', [2, 3]],
    ['src/document/imports.ts', [2]],
    ['src/providers/whip/imports.ts', [3]],
    ['src/media/imports.ts', [2, 3]],
    ['src/call/imports.ts', [2, 3]],
    ['src/react/imports.ts', [2]],
    ['src/server/imports.ts', [2]],
  ])('refuses in %s exactly lines %j', (file, expected) => {
    expect(linesOf(file, 'noRestrictedImports')).toEqual(expected)
  })
})

describe('the pure folders', () => {
  it('refuse every clock, timer and source of randomness', () => {
    expect(linesOf('src/consensus/clock.ts', 'plugin')).toEqual([1, 1, 1, 1, 2, 2, 2])
  })

  it('are the only ones to which that applies', () => {
    expect(linesOf('src/call/clock.ts', 'plugin')).toEqual([])
  })
})

describe('the house rules', () => {
  it.each([
    ['src/call/BadName.ts', 'useFilenamingConvention'],
    ['src/call/default.ts', 'noDefaultExport'],
    ['src/call/floating.ts', 'noFloatingPromises'],
    ['src/call/cycle-a.ts', 'noImportCycles'],
    ['src/call/long-file.ts', 'noExcessiveLinesPerFile'],
    ['src/call/long-function.ts', 'noExcessiveLinesPerFunction'],
    ['src/call/console.ts', 'noConsole'],
    ['src/call/swallowed.ts', 'noEmptyBlockStatements'],
    ['src/call/any.ts', 'noExplicitAny'],
  ])('%s breaks %s', (file, rule) => {
    expect(linesOf(file, rule)).not.toEqual([])
  })
})

function linesOf(file: string, rule: string): readonly number[] {
  return found.filter((entry) => entry.file === file && entry.rule === rule).map((entry) => entry.line)
}

function diagnosticsOf(root: string): typeof found {
  const output = lintOutput(root)
  return [...output.matchAll(/^::error title=([\w/]+),file=([^,]+),line=(\d+)/gm)].map((match) => ({
    rule: (match[1] ?? '').split('/').at(-1) ?? '',
    file: (match[2] ?? '').replace(`${root}/`, ''),
    line: Number(match[3]),
  }))
}

function lintOutput(root: string): string {
  const biome = join(process.cwd(), 'node_modules/@biomejs/biome/bin/biome')
  try {
    execFileSync(process.execPath, [biome, 'lint', '--reporter=github', '--max-diagnostics=none', '.'], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
  throw new Error('the linter found nothing to complain about')
}

function importsOf(...sources: readonly string[]): string {
  const imports = sources.map((source, index) => `import { i${index} } from '${source}'`)
  return `${imports.join('\n')}\nexport const all = [${sources.map((_, index) => `i${index}`).join(', ')}]\n`
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('')
}
