/** The project's own signaling server as tests need it: killed and restarted on the same port. */
import { type SignalingServer, startSignaling } from '../../src/server/signaling.js'

/** A signaling server that can die. */
export interface TestSignaling {
  readonly url: string
  /** Closes the server and every socket. */
  kill(): Promise<void>
  restart(): Promise<void>
  close(): Promise<void>
}

/** Starts one on a free port. */
export async function serveSignaling(): Promise<TestSignaling> {
  let server: SignalingServer | null = await startSignaling()
  const { url, port } = server
  const kill = async (): Promise<void> => {
    await server?.close()
    server = null
  }
  return {
    url,
    kill,
    async restart() {
      server ??= await startSignaling({ port })
    },
    close: kill,
  }
}
