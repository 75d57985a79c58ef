/** A call whose signaling addresses carry tokens; keeps everything that the page, the app and the disk get to see. */
import { type Call, createCall, type HoldfastError } from '../../src/index.js'
import { mesh } from '../../src/providers/mesh.js'

const told: unknown[] = []
let call: Call | null = null

/** All that can be read of an error. */
function readError(error: HoldfastError): unknown {
  const { name, code, message, details, stack, cause } = error
  return { name, code, message, details, stack, cause: String(cause) }
}

const log = (message: string, facts?: object): void => void told.push([message, facts])

const rig = {
  /** Joins; what goes wrong is told. */
  async start(room: string, id: string, signaling: readonly string[]): Promise<void> {
    try {
      const started = createCall({
        room,
        me: { id },
        providers: [mesh()],
        signaling,
        development: true,
        logger: { debug: log, info: log, warn: log, error: log },
      })
      call = started
      for (const name of ['state-changed', 'peer-joined', 'peer-left', 'provider-agreed', 'recovered'] as const)
        started.on(name, (event) => told.push([name, event]))
      for (const name of ['warning', 'error'] as const)
        started.on(name, (error) => told.push([name, readError(error)]))
      started.subscribe(() => told.push(started.getSnapshot()))
      await started.join()
    } catch (error) {
      told.push(readError(error as HoldfastError))
    }
  },
  links: () => call?.getSnapshot().links ?? [],
  peers: () => call?.getSnapshot().peers.map(({ id, state }) => ({ id, state })) ?? [],
  /** Everything, with what is stored in this browser. */
  async told(): Promise<string> {
    const stored: unknown[] = [{ ...localStorage }, { ...sessionStorage }, await call?.attempts()]
    for (const { name } of await indexedDB.databases()) stored.push(name, await contentOf(name ?? ''))
    return JSON.stringify([told, stored])
  },
}

function contentOf(name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name)
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const stores = [...opening.result.objectStoreNames]
      if (stores.length === 0) resolve([])
      else {
        const transaction = opening.result.transaction(stores)
        const reading = stores.map((store) => transaction.objectStore(store).getAll())
        transaction.oncomplete = () => {
          opening.result.close()
          resolve(reading.map(({ result }) => result as unknown))
        }
      }
    }
  })
}

declare global {
  interface Window {
    tokenRig: typeof rig
  }
}
window.tokenRig = rig
