import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readDump } from '../../../bench/support/dumps.js'
import { replay } from '../../../bench/support/replay.js'

/** What Chromium 156 wrote of a call whose other end was closed after 10 s; `npm run corpus -- --dump` makes it anew. */
const text = gunzipSync(readFileSync('test/fixtures/webrtc-internals.json.gz')).toString('utf8')

interface Dump {
  readonly PeerConnections: Record<string, { stats: Record<string, { values: string }> }>
}

/** The dump with each series changed; null takes one away. */
function changed(change: (values: string, name: string) => string | null): string {
  const dump: Dump = JSON.parse(text)
  for (const { stats } of Object.values(dump.PeerConnections))
    for (const [name, series] of Object.entries(stats)) {
      const values = change(series.values, name)
      if (values === null) delete stats[name]
      else series.values = values
    }
  return JSON.stringify(dump)
}

describe('a dump of chrome://webrtc-internals', () => {
  it('names no host, no key and no page', () => {
    expect(text).not.toMatch(/\d+\.\d+\.\d+\.\d+/)
    expect(text).not.toMatch(/ufrag|UsernameFragment|ice-pwd|[fF]ingerprint|https?:|sdp/)
  })

  it('becomes one snapshot a look, with the reports of the other side in it', () => {
    const snapshots = readDump(text)
    expect(snapshots.length).toBeGreaterThan(10)
    const steps = snapshots.slice(1).map(({ atMs }, index) => atMs - (snapshots[index]?.atMs ?? 0))
    expect(steps.filter((stepMs) => stepMs < 900 || stepMs > 1_200)).toEqual([])
    const last = snapshots.at(-1)
    const report = last?.entries.find(({ type, kind }) => type === 'remote-inbound-rtp' && kind === 'video')
    expect(last?.entries.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['inbound-rtp', 'outbound-rtp', 'candidate-pair', 'transport', 'media-source']),
    )
    // Its stamp is its arrival, and none came after the other end was closed.
    expect(Number(report?.timestamp)).toBeLessThan((last?.atMs ?? 0) - 3_000)
  })

  it('knows when a field went away', () => {
    const fpsOf = (index: number) =>
      readDump(text)
        .at(index)
        ?.entries.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')?.framesPerSecond
    expect(fpsOf(4)).toBeGreaterThan(5)
    expect(fpsOf(-1)).toBeUndefined()
  })

  it('is replayed to verdicts, the same ones each time', () => {
    const { kind, firstDifference, outputs } = replay(text)
    const states = outputs.flatMap(({ verdicts }) => verdicts.map(({ state }) => state))
    expect({ kind, firstDifference }).toEqual({ kind: 'dump', firstDifference: null })
    expect(states[0]).toBe('ok')
    expect(['suspect', 'dead']).toContain(states.at(-1))
  })

  it('may have holes', () => {
    const everySecond = changed((values, name) => (name.length % 2 === 0 ? values : null))
    const empty = changed((values, name) => (name.endsWith('-packetsReceived') ? '[]' : values))
    const untimed = changed((values, name) => (name.endsWith('-timestamp') ? '["soon",null]' : values))
    for (const one of [everySecond, empty]) expect(replay(one).firstDifference).toBeNull()
    expect(replay(untimed).inputs).toBe(0)
  })

  it('is refused with a SyntaxError when it is none', () => {
    const garbled = changed(() => '[1,2')
    for (const one of [text.slice(0, 500), garbled, '{}', '{"PeerConnections":3}', 'hello', ''])
      expect(() => replay(one)).toThrow(SyntaxError)
  })
})
