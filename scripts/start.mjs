/**
 * `npm start`: builds the package and the demo, starts `holdfast dev` (signaling and two SFUs that can be
 * killed), serves the page and prints its address. Ctrl-C ends all of it.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { passedThrough, ROOT } from './checks.mjs'
import { serve } from './serve.mjs'

/** Taken when free and PORT does not say otherwise; else the next free one. */
const DEFAULT_PORT = 3000

process.stdout.write('building ...\n')
await step([process.execPath, join(ROOT, 'node_modules/rollup/dist/bin/rollup'), '--config', '--silent'])
await step([process.execPath, join(ROOT, 'scripts/demo.mjs')])

const { child, config } = await startDev()
const page = await serve({
  port: Number(process.env.PORT ?? DEFAULT_PORT),
  files: { '/config.json': JSON.stringify(config) },
  mounts: {
    '/': join(ROOT, 'dist-demo'),
    '/script-tag/': join(ROOT, 'examples/script-tag'),
    '/dist/': join(ROOT, 'dist'),
  },
})
for (const { name, url } of config.sfus) process.stdout.write(`${name.padEnd(10)} ${url}\n`)
process.stdout.write(
  `signaling  ${config.signaling[0]}\ncontrol    ${config.control}\nscript tag ${page.url}script-tag/\n`,
)
process.stdout.write(`\nOpen ${page.url} in two tabs. Ctrl-C ends.\n`)

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    page.close()
    child.kill('SIGTERM')
  })
child.once('exit', (code) => process.exit(code ?? 0))

async function step(command) {
  const status = await passedThrough(command)
  if (status !== 0) process.exit(status)
}

/** Starts `holdfast dev` on free ports and reads its addresses from what it prints. */
function startDev() {
  const child = spawn(process.execPath, [join(ROOT, 'dist/server/bin.js'), 'dev', '--port', '0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const config = { signaling: [], sfus: [], janus: [], control: null }
  return new Promise((resolve) => {
    child.once('exit', (code) => process.exit(code ?? 1))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [kind, url, name] = line.split(/\s+/)
      if (kind === 'signaling') config.signaling.push(url)
      if (kind === 'control') config.control = url
      if (kind === 'sfu') config.sfus.push({ name, url })
      // The SFUs come last and are two.
      if (config.sfus.length === 2) resolve({ child, config })
    })
  })
}
