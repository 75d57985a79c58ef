/** Bundles the simulator with a mutant in it. Nothing of a mutant is ever in a source or in what is published. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type BuildResult, build, type Plugin } from 'esbuild'
import type { Edit, Mutant } from './mutants.js'

/** Where bundles go; packages are found from there. */
const OUT = 'node_modules/.cache/holdfast-sim'

/**
 * Writes the bundle and returns its path.
 *
 * @throws Error - a text to be changed is not there exactly once.
 */
export async function bundleMutant(mutant: Mutant | null, root: string): Promise<string> {
  const name = mutant === null ? 'none' : mutant.name.replaceAll(/\W+/g, '-')
  const outfile = join(root, OUT, `mutant-${name}.mjs`)
  const edits = mutant?.edits ?? []
  const applied = new Set<Edit>()
  const result: BuildResult = await build({
    entryPoints: [join(root, 'test/simulation/documents/mutant-worker.ts')],
    ...{ outfile, bundle: true, format: 'esm', platform: 'node', packages: 'external' },
    logLevel: 'silent',
    plugins: [editing(edits, applied, root)],
  })
  const missed = edits.filter((edit) => !applied.has(edit))
  if (missed.length > 0 || result.errors.length > 0)
    throw new Error(`mutant "${name}": ${missed.map(({ file }) => file).join(', ')} is not in the bundle`)
  return outfile
}

/** The source with the edits of its file. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  return edits.reduce((text, { file, anchor, replacement }) => {
    const [before, after, ...more] = text.split(anchor)
    if (before === undefined || after === undefined || more.length > 0)
      throw new Error(`${file} must have exactly once: ${anchor}`)
    return `${before}${replacement}${after}`
  }, source)
}

function editing(edits: readonly Edit[], applied: Set<Edit>, root: string): Plugin {
  return {
    name: 'mutant',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const own = edits.filter(({ file }) => file === relative(root, path))
        if (own.length === 0) return null
        for (const edit of own) applied.add(edit)
        return { contents: applyEdits(readFileSync(path, 'utf8'), own), loader: 'ts' }
      })
    },
  }
}
