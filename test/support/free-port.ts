/** A port of loopback that nobody listens on now, for servers that have to be told one. */
import { createServer } from 'node:net'

/** The next one is another, unless the operating system has run through all. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
