/** All detectors. */
import type { AlertKind } from '../alert.js'
import { authFailure } from './auth-failure.js'
import { bufferOverflow } from './buffer-overflow.js'
import { deadDevice } from './dead-device.js'
import { decoderStall } from './decoder-stall.js'
import type { Detector } from './detector.js'
import { encoderLimited } from './encoder-limited.js'
import { frameCorruption } from './frame-corruption.js'
import { freeze } from './freeze.js'
import { highRtt } from './high-rtt.js'
import { jitter } from './jitter.js'
import { lowBandwidth } from './low-bandwidth.js'
import { mutedByBrowser } from './muted-by-browser.js'
import { networkDisconnect } from './network-disconnect.js'
import { oneWayMedia } from './one-way-media.js'
import { packetLoss } from './packet-loss.js'
import { pathChange } from './path-change.js'
import { providerHang } from './provider-hang.js'
import { providerOutage } from './provider-outage.js'
import { relayInUse } from './relay-in-use.js'
import { silentMicrophone } from './silent-microphone.js'
import { stalePeer } from './stale-peer.js'
import { staticVideo } from './static-video.js'
import { syncLoss } from './sync-loss.js'
import { timeout } from './timeout.js'
import { tokenExpiry } from './token-expiry.js'

/** By kind; the types of their memories differ, and only each detector itself looks into its own. */
export const DETECTORS = {
  'network-disconnect': networkDisconnect,
  'auth-failure': authFailure,
  'token-expiry': tokenExpiry,
  'provider-outage': providerOutage,
  'provider-hang': providerHang,
  'stale-peer': stalePeer,
  'dead-device': deadDevice,
  'muted-by-browser': mutedByBrowser,
  'silent-microphone': silentMicrophone,
  'encoder-limited': encoderLimited,
  'decoder-stall': decoderStall,
  'frame-corruption': frameCorruption,
  'one-way-media': oneWayMedia,
  timeout,
  freeze,
  'buffer-overflow': bufferOverflow,
  'low-bandwidth': lowBandwidth,
  'packet-loss': packetLoss,
  'high-rtt': highRtt,
  jitter,
  'sync-loss': syncLoss,
  'static-video': staticVideo,
  'path-change': pathChange,
  'relay-in-use': relayInUse,
} as const satisfies Readonly<Record<AlertKind, Detector>>
