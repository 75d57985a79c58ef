import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type JanusServer, startTwoJanus, whyNoJanus } from '../../support/janus.js'

const reason = whyNoJanus()

describe.skipIf(reason !== undefined)(`the Janus rig${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let servers: { east: JanusServer; west: JanusServer }
  beforeAll(async () => {
    servers = await startTwoJanus()
  })
  afterAll(() => Promise.all([servers.east.close(), servers.west.close()]))

  const connect = async (server: JanusServer): Promise<WebSocket> => {
    const socket = new WebSocket(server.url, 'janus-protocol')
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return socket
  }

  const ask = (socket: WebSocket, message: object): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      socket.once('message', (data) => resolve(JSON.parse(String(data))))
      socket.send(JSON.stringify({ ...message, transaction: 't' }))
    })

  it('runs two servers side by side, each with its video room', async () => {
    for (const server of [servers.east, servers.west]) {
      const socket = await connect(server)
      expect(await ask(socket, { janus: 'info' })).toMatchObject({ 'server-name': server.name })
      const session = await ask(socket, { janus: 'create' })
      const session_id = (session.data as { id: number }).id
      const handle = await ask(socket, { janus: 'attach', plugin: 'janus.plugin.videoroom', session_id })
      const exists = await ask(socket, {
        janus: 'message',
        session_id,
        handle_id: (handle.data as { id: number }).id,
        body: { request: 'exists', room: server.room },
      })
      expect(exists).toMatchObject({ plugindata: { data: { exists: true } } })
      socket.close()
    }
  })

  it('closes its sockets when killed and serves again on the same address after a restart', async () => {
    const socket = await connect(servers.east)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const pid = servers.east.pid
    await servers.east.kill()
    expect(await closed).toBe(1006)
    expect(servers.east.pid).toBeUndefined()
    await servers.east.restart()
    expect(servers.east.pid).not.toBe(pid)
    ;(await connect(servers.east)).close()
  })

  it('does not answer while hung and answers again when resumed', async () => {
    const socket = await connect(servers.west)
    await servers.west.hang()
    let isAnswered = false
    const answer = ask(socket, { janus: 'info' }).then(() => {
      isAnswered = true
    })
    await ask(await connect(servers.east), { janus: 'info' })
    expect(isAnswered).toBe(false)
    await servers.west.resume()
    await answer
    socket.close()
  })
})
