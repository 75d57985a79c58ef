/** What the documents say must be true: codes, versions, commands, links and code blocks. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../src/errors.js'

interface Manifest {
  readonly version: string
  readonly scripts: Readonly<Record<string, string>>
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
const readme = readFileSync('README.md', 'utf8')
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

describe('docs/errors.md', () => {
  const errors = readFileSync('docs/errors.md', 'utf8')

  it('has exactly one heading for each error code, and no other', () => {
    const headings = [...errors.matchAll(/^## (.+)$/gm)].map((match) => match[1])
    expect(headings.sort()).toEqual(Object.keys(ERROR_CODES).sort())
  })

  const sectionOf = (code: string) => errors.split(`\n## ${code}\n`)[1]?.split('\n## ')[0] ?? ''

  it.each(Object.entries(ERROR_CODES))(
    'P39 tells meaning, cause, remedy in steps and whom to turn to of %s',
    (code, { retryable }) => {
      const section = sectionOf(code)
      for (const part of ['Meaning', 'Cause', 'If it stays'])
        expect(section).toMatch(new RegExp(`^\\*\\*${part}\\.\\*\\* \\S`, 'm'))
      const [, after = ''] = section.split('**What to do.**\n\n')
      const steps = after.split('\n\n')[0]?.split('\n') ?? []
      expect(steps.map((step) => Number.parseInt(step, 10))).toEqual(steps.map((_, index) => index + 1))
      for (const step of steps) expect(step).toMatch(/^\d+\. \S.*\.$/)
      expect(section.includes('Retryable.'), 'says whether it is retryable').toBe(retryable)
    },
  )

  it('P39 whom to turn to is said of each error in its own words', () => {
    const said = Object.keys(ERROR_CODES).map((code) => sectionOf(code).split('**If it stays.** ')[1])
    expect(new Set(said).size).toBeGreaterThanOrEqual(said.length - 1)
  })
})

describe('the documents', () => {
  it('have a changelog heading for the version', () => {
    expect(readFileSync('CHANGELOG.md', 'utf8')).toMatch(
      new RegExp(`^## ${manifest.version.replaceAll('.', '\\.')}$`, 'm'),
    )
  })

  it.each(documents)('%s names only npm commands that exist', (file) => {
    const named = [...readFileSync(file, 'utf8').matchAll(/npm run ([\w-]+)/g)].map((match) => match[1] ?? '')
    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([])
  })

  it.each(documents)('%s links only to files that exist', (file) => {
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      (match) => match[1] ?? '',
    )
    expect(links.filter((link) => !existsSync(join(dirname(file), link)))).toEqual([])
  })

  it('CONTRIBUTING.md is short enough to be read', () => {
    expect(readFileSync('CONTRIBUTING.md', 'utf8').split('\n').length).toBeLessThanOrEqual(80)
  })
})

describe("README's code blocks", () => {
  /** Below the project, so that `holdfast` means its sources; ignored by git. */
  const folder = join('.cache', 'readme')
  const blocks = [
    ...[...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? ''),
    ...[...readme.matchAll(/<script type="module">\n([\s\S]*?)<\/script>/g)].map(
      (match) => `declare const Holdfast: typeof import('../../src/script-tag.js')\n${match[1] ?? ''}`,
    ),
  ]

  beforeAll(() => {
    mkdirSync(folder, { recursive: true })
    blocks.forEach((text, index) => {
      writeFileSync(join(folder, `block-${index}.ts`), `${text}\nexport {}\n`)
    })
    writeFileSync(join(folder, 'react.tsx'), /```tsx\n([\s\S]*?)```/.exec(readme)?.[1] ?? '')
    const config = {
      extends: '../../tsconfig.json',
      compilerOptions: { types: [] },
      include: ['*.ts', '*.tsx', '../../src/**/*.d.ts'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('have one for React', () => {
    expect(readFileSync(join(folder, 'react.tsx'), 'utf8')).toContain('holdfast/react')
  })

  it('are one for npm and one for a script tag, of at most ten lines of code', () => {
    expect(blocks).toHaveLength(2)
    const codeLines = (text: string) =>
      text.split('\n').filter((line) => line.trim() && !line.startsWith('declare'))
    for (const block of blocks) expect(codeLines(block).length).toBeLessThanOrEqual(10)
  })

  // The compiler takes five seconds on two idle cores, and CI's are not idle.
  it('type-check against the sources', { timeout: 240_000 }, () => {
    const tsc = join('node_modules', 'typescript', 'bin', 'tsc')
    expect(outputOf([tsc, '-p', join(folder, 'tsconfig.json'), '--pretty', 'false'])).toBe('')
  })
})

function outputOf(parameters: readonly string[]): string {
  try {
    return execFileSync(process.execPath, [...parameters], { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}
