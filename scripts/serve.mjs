/** A small static file server on loopback for the demo; folders are mounted under paths. */
import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/**
 * Serves `mounts` (path ending in a slash to folder) and `files` (path to text); longer paths win. Takes
 * `port`, or the next free one when it is in use; resolves to the page's address.
 */
export async function serve({ mounts, files = {}, port }) {
  const paths = Object.keys(mounts).sort((a, b) => b.length - a.length)
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    response.setHeader('cache-control', 'no-store')
    const text = files[pathname]
    if (text !== undefined) return response.setHeader('content-type', TYPES[extname(pathname)]).end(text)
    const file = fileOf(pathname, paths, mounts)
    if (file === null) {
      response.statusCode = 404
      return response.end('not found')
    }
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream')
    return createReadStream(file).pipe(response)
  })
  const taken = await listen(server, port)
  return { url: `http://127.0.0.1:${taken}/`, close: () => server.close() }
}

function fileOf(pathname, paths, mounts) {
  const path = paths.find((candidate) => pathname.startsWith(candidate))
  if (path === undefined) return null
  const folder = mounts[path]
  const wanted = join(folder, normalize(pathname.slice(path.length) || 'index.html'))
  // Nothing is decoded (our names need no escapes), and a path with dots must not lead out of the folder.
  if (!wanted.startsWith(folder + sep)) return null
  const file = wanted.endsWith(sep) ? join(wanted, 'index.html') : wanted
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null
}

async function listen(server, port) {
  for (let candidate = port; ; candidate++) {
    const error = await new Promise((resolve) => {
      server.once('error', resolve)
      server.listen(candidate, '127.0.0.1', () => {
        server.removeListener('error', resolve)
        resolve(null)
      })
    })
    if (error === null) return server.address().port
    if (error.code !== 'EADDRINUSE') throw error
  }
}
