/**
 * Loads the packages that only the servers need. They are optional peers of the package, so that an app that
 * embeds Holdfast installs nothing but what the browser runs.
 */
import { HoldfastError } from '../errors.js'

/** The WebSocket server package. */
export type WebSocketModule = typeof import('ws')

/** The WebRTC stack of the embedded SFUs. */
export type WeriftModule = typeof import('werift')

/** The token package. */
export type JoseModule = typeof import('jose')

/** The package that writes metrics as Prometheus reads them. */
export type PrometheusModule = typeof import('prom-client')

/** The Redis client package. */
export type RedisModule = typeof import('ioredis')

/** On a developer's machine; both are named, because whoever runs one command runs the other. */
const INSTALL_FOR_DEVELOPMENT = 'npm install --save-dev werift ws'
/** On a server; all are named, because who needs one of them will want the others. */
const INSTALL_FOR_PRODUCTION = 'npm install ws jose prom-client ioredis'

/** Loads `ws`; rejects with `dependency-missing` and the install command. */
export function loadWebSockets(): Promise<WebSocketModule> {
  return load('ws', () => import('ws'), INSTALL_FOR_DEVELOPMENT)
}

/** Loads `werift`; rejects with `dependency-missing` and the install command. */
export function loadWerift(): Promise<WeriftModule> {
  return load('werift', () => import('werift'), INSTALL_FOR_DEVELOPMENT)
}

/** Loads `jose`; rejects with `dependency-missing` and the install command. */
export function loadJose(): Promise<JoseModule> {
  return load('jose', () => import('jose'), INSTALL_FOR_PRODUCTION)
}

/** Loads `prom-client`; rejects with `dependency-missing` and the install command. */
export function loadPrometheus(): Promise<PrometheusModule> {
  return load('prom-client', () => import('prom-client'), INSTALL_FOR_PRODUCTION)
}

/** Loads `ioredis`; rejects with `dependency-missing` and the install command. */
export function loadRedis(): Promise<RedisModule> {
  return load('ioredis', () => import('ioredis'), INSTALL_FOR_PRODUCTION)
}

async function load<Module>(
  name: string,
  importModule: () => Promise<Module>,
  installCommand: string,
): Promise<Module> {
  try {
    return await importModule()
  } catch (cause) {
    throw new HoldfastError('dependency-missing', {
      message: `This command needs the package "${name}". Install it with: ${installCommand}`,
      cause,
      details: { package: name },
    })
  }
}
