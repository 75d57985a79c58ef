/**
 * The small library that is preloaded into Janus: it makes the loopback interface look like any other, because
 * Janus' ICE library never gathers candidates there, and it ends Janus with the process that started it.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const LOOPBACK_SOURCE = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <signal.h>
#include <sys/prctl.h>

int getifaddrs(struct ifaddrs **list) {
  int (*original)(struct ifaddrs **) = (int (*)(struct ifaddrs **))dlsym(RTLD_NEXT, "getifaddrs");
  int result = original(list);
  if (result == 0)
    for (struct ifaddrs *entry = *list; entry; entry = entry->ifa_next)
      entry->ifa_flags &= ~(unsigned)IFF_LOOPBACK;
  return result;
}

__attribute__((constructor)) static void end_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }
`

let library: Promise<string> | undefined

/** Path of the compiled library; compiled once per change of its source, with `cc`. */
export function loopbackLibrary(): Promise<string> {
  library ??= compileLibrary()
  return library
}

async function compileLibrary(): Promise<string> {
  const name = `loopback-${createHash('sha256').update(LOOPBACK_SOURCE).digest('hex').slice(0, 12)}`
  const folder = resolve('node_modules', '.cache', 'holdfast')
  const path = join(folder, `${name}.so`)
  if (existsSync(path)) return path
  await mkdir(folder, { recursive: true })
  const partial = join(folder, `${name}-${process.pid}`)
  await writeFile(`${partial}.c`, LOOPBACK_SOURCE)
  const run = promisify(execFile)
  await run('cc', ['-O2', '-Wall', '-shared', '-fPIC', '-o', `${partial}.so`, `${partial}.c`, '-ldl'])
  await rename(`${partial}.so`, path)
  await rm(`${partial}.c`)
  return path
}
