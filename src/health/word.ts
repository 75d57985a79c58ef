/**
 * What a participant tells the others of its health: its own troubles, and how the media of each sender arrives
 * there. In presence it is at most 200 characters: participants are named by a short hash, which a reader
 * compares with those it knows; two that collide in one room only make a hint vaguer.
 *
 * `1:cn:ok2za=f,x91qe=g`: version, own troubles, then sender hash and letter.
 */

/** Own troubles, by letter on the wire. */
const OWN_TROUBLES = {
  ...{ c: 'cpu', d: 'device', u: 'uplink', n: 'network', b: 'browser' },
  // Beside `device`: that one delivers nothing at all, and nobody who receives it can do anything about it.
  ...{ k: 'camera', m: 'microphone' },
} as const

/** A trouble of a participant's own side. */
export type OwnTrouble = (typeof OWN_TROUBLES)[keyof typeof OWN_TROUBLES]

/** What is seen of a sender, by letter on the wire. */
const SENDER_SIGHTS = { g: 'good', f: 'frozen', l: 'lossy', s: 'silent' } as const

/** How a sender's media arrives. */
export type SenderSight = (typeof SENDER_SIGHTS)[keyof typeof SENDER_SIGHTS]

/** What is told. */
export interface Word {
  readonly troubles: readonly OwnTrouble[]
  readonly senders: readonly { readonly participant: string; readonly sight: SenderSight }[]
}

/** Longest word, in characters; all of them ASCII. */
export const WORD_MAX_CHARS = 200
const HASH_CHARS = 5
const VERSION = '1'
/** FNV-1a: small, spreads ids well, and nobody's safety hangs on it. */
const FNV_START = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** Somebody who tells nothing. */
export const NO_WORD: Word = { troubles: [], senders: [] }

/** What a word says of a sender; null when nothing. */
export function sightOf(word: Word, participant: string): SenderSight | null {
  return word.senders.find((one) => one.participant === participant)?.sight ?? null
}

/** Writes a word; bad news first, so that what is cut off in a large room is what is good. */
export function writeWord(word: Word): string {
  const isGood = ({ sight }: Word['senders'][number]): boolean => sight === 'good'
  const senders = [...word.senders.filter((one) => !isGood(one)), ...word.senders.filter(isGood)]
  let text = `${VERSION}:${lettersOf(OWN_TROUBLES, word.troubles)}:`
  for (const { participant, sight } of senders) {
    const more = `${text.endsWith(':') ? '' : ','}${hashOf(participant)}=${lettersOf(SENDER_SIGHTS, [sight])}`
    if (text.length + more.length > WORD_MAX_CHARS) break
    text += more
  }
  return text
}

/** Reads what somebody else wrote; senders that are not `known` and anything odd are left out. Never throws. */
export function readWord(text: string, known: readonly string[]): Word {
  const [version, letters, list] = text.slice(0, WORD_MAX_CHARS).split(':')
  if (version !== VERSION || letters === undefined || list === undefined) return NO_WORD
  const names = new Map(known.map((participant) => [hashOf(participant), participant]))
  const senders = list.split(',').flatMap((entry) => {
    const [hash = '', letter = ''] = entry.split('=')
    const participant = names.get(hash)
    const [sight] = meaningOf(SENDER_SIGHTS, letter)
    return participant === undefined || sight === undefined ? [] : [{ participant, sight }]
  })
  return { troubles: troublesOf(text), senders }
}

/** The own troubles alone, for whoever asks at every turn. */
export function troublesOf(text: string): readonly OwnTrouble[] {
  const [version, letters] = text.slice(0, WORD_MAX_CHARS).split(':', 2)
  return version === VERSION ? [...new Set(letters)].flatMap((letter) => meaningOf(OWN_TROUBLES, letter)) : []
}

function hashOf(participant: string): string {
  let hash = FNV_START
  for (let index = 0; index < participant.length; index += 1)
    hash = Math.imul(hash ^ participant.charCodeAt(index), FNV_PRIME)
  return (hash >>> 0).toString(36).padStart(HASH_CHARS, '0').slice(-HASH_CHARS)
}

function lettersOf(table: Readonly<Record<string, string>>, values: readonly string[]): string {
  return Object.keys(table)
    .filter((letter) => values.includes(table[letter] ?? ''))
    .join('')
}

function meaningOf<Value extends string>(table: Readonly<Record<string, Value>>, letter: string): Value[] {
  const value = Object.hasOwn(table, letter) ? table[letter] : undefined
  return value === undefined ? [] : [value]
}
