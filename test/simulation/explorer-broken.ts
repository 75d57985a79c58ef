/**
 * Broken variants of the core, for tests of the explorer: the production sources with one passage replaced, bundled
 * apart from everything else. `src/` stays as it is.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Core } from './explorer-model.js'

/** Passages to replace in one file of `src/consensus`. */
export interface Breakage {
  readonly file: string
  readonly edits: readonly { readonly from: string; readonly to: string }[]
}

const CONSENSUS = fileURLToPath(new URL('../../src/consensus/', import.meta.url))

const ENTRY = `
  export { createAgreement } from './agreement.js'
  export { decide } from './decide.js'
  export { step } from './step.js'
`

/** @throws Error - the passage is not there: the variant has to follow the source. */
export async function brokenCore({ file, edits }: Breakage): Promise<Core> {
  const path = `${CONSENSUS}${file}`
  let contents = await readFile(path, 'utf8')
  for (const { from, to } of edits) {
    if (!contents.includes(from)) throw new Error(`${file} does not have: ${from}`)
    contents = contents.replace(from, to)
  }
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: CONSENSUS, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    plugins: [
      {
        name: 'breakage',
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.ts$/ }, (args) => (args.path === path ? { contents, loader: 'ts' } : undefined)),
      },
    ],
  })
  const text = outputFiles[0]?.text ?? ''
  return import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`)
}
