/** Builds `examples/react-demo` into `dist-demo/`, from the built package as an app would get it. */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { ROOT } from './checks.mjs'

const SOURCE = join(ROOT, 'examples/react-demo')
const TARGET = join(ROOT, 'dist-demo')

rmSync(TARGET, { recursive: true, force: true })
mkdirSync(TARGET)
await build({
  entryPoints: { demo: join(SOURCE, 'main.tsx') },
  outdir: TARGET,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  jsx: 'automatic',
  // Without tsconfig.json, whose paths lead to the sources: the demo runs what is published.
  tsconfigRaw: { compilerOptions: { jsx: 'react-jsx' } },
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
})
for (const name of ['index.html', 'demo.css'])
  if (existsSync(join(SOURCE, name))) cpSync(join(SOURCE, name), join(TARGET, name))
// esbuild keeps `new URL('./health-worker.js', import.meta.url)` as it is, so the file has to lie beside.
cpSync(join(ROOT, 'dist/health-worker.js'), join(TARGET, 'health-worker.js'))
