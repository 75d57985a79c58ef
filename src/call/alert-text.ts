/** Alerts in plain words for the timeline; `kind` and `culprit` are the stable keys for translations. */
import type { Alert, AlertKind, Culprit } from '../health/alert.js'

type Names = (participant: string) => string

/** Sound and picture are told apart: both have trouble more often than not, and one line twice is no news. */
const MEDIA = { audio: 'sound', video: 'picture' } as const

const TEXT: Readonly<Record<AlertKind, (who: string, media: keyof typeof MEDIA | null) => string>> = {
  'network-disconnect': () => 'Your network is gone.',
  'auth-failure': (who) => `${who} refuses your credentials.`,
  'token-expiry': () => 'Your token runs out soon.',
  'provider-outage': (who) => `${who} failed.`,
  'provider-hang': (who) => `${who} does not answer.`,
  'stale-peer': (who) => `${who} is not heard any more.`,
  'dead-device': () => 'Your camera or microphone delivers nothing.',
  'muted-by-browser': () => 'The browser silenced your device.',
  'silent-microphone': (who) => (who === '' ? 'Your microphone is silent.' : `${who} is silent.`),
  'encoder-limited': () => 'This device is too busy to send good video.',
  'decoder-stall': (who) => `The picture of ${who} cannot be decoded.`,
  'frame-corruption': (who) => `The picture of ${who} is broken.`,
  'one-way-media': (who, media) => {
    if (who === '') return media ? `Your ${MEDIA[media]} does not arrive.` : 'What you send does not arrive.'
    return media ? `No ${MEDIA[media]} arrives from ${who}.` : `Nothing arrives from ${who}.`
  },
  timeout: (who) => `${who} takes too long to start.`,
  freeze: (who) => `The picture of ${who} stands still.`,
  'buffer-overflow': (who, media) =>
    who === '' ? 'What you send waits too long.' : `${ofWhom(who, media)} arrives late.`,
  'low-bandwidth': () => 'Your connection is too slow for good video.',
  'packet-loss': (who, media) => {
    if (who === '') return media ? `Parts of your ${MEDIA[media]} get lost.` : 'What you send gets lost.'
    return media ? `Parts of the ${MEDIA[media]} of ${who} get lost.` : `Parts of what ${who} sends get lost.`
  },
  'high-rtt': (who) => (who === '' ? 'Your connection is slow to answer.' : `The way to ${who} is slow.`),
  jitter: (who, media) => `${ofWhom(who, media)} arrives unevenly.`,
  'sync-loss': (who) => `Sound and picture of ${who} drift apart.`,
  'static-video': (who) =>
    who === '' ? 'Your picture does not change.' : `The picture of ${who} does not change.`,
  'path-change': () => 'Media moved to another network path.',
  'relay-in-use': () => 'Media goes through a relay.',
}

function ofWhom(who: string, media: keyof typeof MEDIA | null): string {
  return media ? `The ${MEDIA[media]} of ${who}` : who
}

const CULPRIT_TEXT: Readonly<Record<Culprit, (who: string) => string | null>> = {
  'my-network': () => 'Your network.',
  'my-device': () => 'Your device.',
  'my-cpu': () => 'This machine is busy.',
  sender: (who) => `The trouble is on the side of ${who}.`,
  receiver: (who) => `Only ${who} has trouble receiving you.`,
  provider: () => 'The provider.',
  path: () => 'The way between.',
  browser: () => 'The browser.',
  app: () => 'The token of this page.',
  nobody: () => null,
}

/** What an alert says. */
export function alertText({ kind, about }: Alert, nameOf: Names): string {
  if (about.type === 'connection') return TEXT[kind]('A connection', null)
  return TEXT[kind](about.type === 'peer' ? nameOf(about.id) : about.id, about.media)
}

/** Whose fault it is, in words; null where it is nobody's. */
export function blameText({ blame }: Alert, nameOf: Names): string | null {
  return CULPRIT_TEXT[blame.culprit](blame.participant === null ? 'somebody' : nameOf(blame.participant))
}
