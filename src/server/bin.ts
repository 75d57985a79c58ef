#!/usr/bin/env node
/** The file behind the `holdfast` command: connects the process to {@link runCli}. Running it is its purpose. */
import { fileURLToPath } from 'node:url'
import { HoldfastError, isHoldfastError } from '../errors.js'
import { runCli } from './cli.js'
import { startSfu } from './sfu/sfu.js'
import type { SfuMessage } from './sfu-process.js'

const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
})

// Whoever reads the output may go; the servers must not end with it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  entry: fileURLToPath(import.meta.url),
  out: (line) => process.stdout.write(`${line}\n`),
  error: (line) => process.stderr.write(`${line}\n`),
  ended,
  runSfu,
})

async function runSfu(options: { port: number; allowOrigins: readonly string[] }): Promise<void> {
  const tell = process.send?.bind(process) as ((message: SfuMessage) => void) | undefined
  if (!tell) throw new HoldfastError('command-failed', { message: 'Start SFUs with: holdfast dev' })
  // The channel closes when the parent ends, however it ends; an SFU must not outlive it.
  process.once('disconnect', () => process.exit(0))
  // Ctrl-C goes to the whole process group; the parent decides when its SFUs end.
  process.on('SIGINT', () => undefined)
  // werift handles packets from the network in callbacks and promises of its own: what one malformed packet
  // makes it throw there must not end everybody else's connection.
  for (const fault of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(fault, (error) => process.stderr.write(`holdfast sfu: ${String(error)}\n`))
  try {
    const sfu = await startSfu(options)
    tell({ port: sfu.port })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    tell({
      code: isHoldfastError(error, 'dependency-missing') ? 'dependency-missing' : 'command-failed',
      message,
    })
    return
  }
  await new Promise<never>(() => undefined)
}
