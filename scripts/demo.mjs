/**
 * Builds examples/react-demo into dist-demo/: index.html, demo.js, demo-style.css and the worker, ready to be served beside a
 * `config.json`. Bundled from the sources of this checkout, so the demo never runs behind them.
 */
import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Where the demo is built to. */
export const demoFolder = join(root, 'dist-demo')

/** Builds the demo; rejects with esbuild's errors. */
export async function buildDemo() {
  const source = join(root, 'examples/react-demo')
  await mkdir(demoFolder, { recursive: true })
  await build({
    absWorkingDir: root,
    entryPoints: {
      demo: join(source, 'main.tsx'),
      'demo-style': join(source, 'demo.css'),
      // Looked for beside the script that starts it.
      'health-worker': join(root, 'src/worker/worker.ts'),
    },
    outdir: demoFolder,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    sourcemap: true,
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  await copyFile(join(source, 'index.html'), join(demoFolder, 'index.html'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildDemo()
