/**
 * Loads the packages that only the servers need. They are optional peers of the package, so that an app that
 * embeds Holdfast installs nothing but what the browser runs.
 */
import { HoldfastError } from '../errors.js'

/** The WebSocket server package. */
export type WebSocketModule = typeof import('ws')

/** The WebRTC stack of the embedded SFUs. */
export type WeriftModule = typeof import('werift')

/** What a missing package is answered with; both are named, because whoever runs one command runs the other. */
const INSTALL_COMMAND = 'npm install --save-dev werift ws'

/** Loads `ws`; rejects with `dependency-missing` and the install command. */
export function loadWebSockets(): Promise<WebSocketModule> {
  return load('ws', () => import('ws'))
}

/** Loads `werift`; rejects with `dependency-missing` and the install command. */
export function loadWerift(): Promise<WeriftModule> {
  return load('werift', () => import('werift'))
}

async function load<Module>(name: string, importModule: () => Promise<Module>): Promise<Module> {
  try {
    return await importModule()
  } catch (cause) {
    throw new HoldfastError('dependency-missing', {
      message: `This command needs the package "${name}". Install it with: ${INSTALL_COMMAND}`,
      cause,
      details: { package: name },
    })
  }
}
