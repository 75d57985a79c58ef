/**
 * Where the demo finds its servers: `/config.json` as `npm start` serves it, each field overridden by query
 * parameters: `?signaling=ws://…&sfu=east,http://…&sfu=west,http://…&janus=name,ws://…&control=http://…`.
 */
/** A server by its provider id. */
export interface NamedServer {
  readonly name: string
  readonly url: string
}

/** Addresses of everything the demo talks to. */
export interface DemoConfig {
  readonly signaling: readonly string[]
  readonly sfus: readonly NamedServer[]
  readonly janus: readonly NamedServer[]
  /** The endpoint that kills and revives servers; null where there is none. */
  readonly control: string | null
}

/** What the address bar asks for. */
export interface DemoQuery {
  readonly room: string | null
  readonly name: string | null
  /** Joins without lobby. */
  readonly isAuto: boolean
  /** Synthetic camera and microphone even where real ones exist. */
  readonly isFake: boolean
  /** Participants in one page; 1 is the ordinary call. */
  readonly participants: number
  /** Provider ids in the order in which this tab prefers them. */
  readonly order: readonly string[]
  /** Buttons that break this tab's own side of the call. */
  readonly isBreakable: boolean
  /** Sound of the others is off in this page; four calls in one room would howl. */
  readonly isQuiet: boolean
}

/** One screen shows at most this many participants of its own. */
const PARTICIPANTS_MAX = 4

/** Reads the address bar. */
export function readQuery(search: string): DemoQuery {
  const query = new URLSearchParams(search)
  const participants = Math.trunc(Number(query.get('grid') ?? 1))
  return {
    room: query.get('room'),
    name: query.get('name'),
    isAuto: query.get('auto') === '1',
    isFake: query.get('fake') === '1',
    participants: participants >= 1 && participants <= PARTICIPANTS_MAX ? participants : 1,
    order: (query.get('providers') ?? '').split(',').filter(Boolean),
    isBreakable: query.get('faults') === '1',
    isQuiet: participants > 1 || query.get('quiet') === '1',
  }
}

/** Reads `/config.json` and the address bar; missing parts come out empty. */
export async function loadConfig(search: string): Promise<DemoConfig> {
  const served = await fetchConfig()
  const query = new URLSearchParams(search)
  const asked = (name: string): string[] => query.getAll(name).filter(Boolean)
  const either = <Value>(own: readonly Value[], other: readonly Value[]): readonly Value[] =>
    own.length > 0 ? own : other
  return {
    signaling: either(asked('signaling'), texts(served.signaling)),
    sfus: either(asked('sfu').flatMap(readPair), servers(served.sfus)),
    janus: either(asked('janus').flatMap(readPair), servers(served.janus)),
    control: query.get('control') ?? (typeof served.control === 'string' ? served.control : null),
  }
}

async function fetchConfig(): Promise<Record<string, unknown>> {
  try {
    const response = await fetch('config.json')
    const found: unknown = response.ok ? await response.json() : {}
    return typeof found === 'object' && found !== null ? { ...found } : {}
  } catch {
    // Opened from a file or a plain server: the address bar has to say everything.
    return {}
  }
}

function readPair(text: string): readonly NamedServer[] {
  const [name, ...rest] = text.split(',')
  return name && rest.length > 0 ? [{ name, url: rest.join(',') }] : []
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

function servers(value: unknown): readonly NamedServer[] {
  if (!Array.isArray(value)) return []
  return value.filter(
    (entry): entry is NamedServer => typeof entry?.name === 'string' && typeof entry?.url === 'string',
  )
}
