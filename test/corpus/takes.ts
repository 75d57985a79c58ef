/** Which recordings there are: each label with Chromium on every topology that it names, and some with Firefox. */
import type { RecordingHead, Topology } from './recording.js'
import type { Scenario } from './scenario.js'
import { SCENARIOS } from './scenarios.js'

/** One recording to make. */
export interface Job {
  readonly scenario: Scenario
  readonly number: number
  readonly topology: Topology
  readonly browser: RecordingHead['browser']
}

/** For what Firefox tells in other fields than Chromium, or not at all; odd numbers are held out here as well. */
const FIREFOX: readonly (readonly [label: string, number: number, topology: Topology])[] = [
  ['healthy-talk', 0, 'pair'],
  ['healthy-talk', 1, 'sfu'],
  ['healthy-static', 1, 'pair'],
  ['healthy-muted', 0, 'pair'],
  ['healthy-paused', 1, 'pair'],
  ['healthy-camera-muted', 0, 'pair'],
  ['loss-high', 0, 'pair'],
  ['loss-up', 1, 'pair'],
  ['delay-step', 0, 'pair'],
  ['jitter', 1, 'pair'],
  ['uplink-rate', 0, 'pair'],
  ['downlink-rate', 1, 'pair'],
  ['black-hole-short', 0, 'pair'],
  ['black-hole-long', 1, 'pair'],
  ['one-way-up', 0, 'pair'],
  ['one-way-down', 1, 'pair'],
  ['network-gone', 0, 'pair'],
  ['provider-kill', 0, 'sfu'],
  ['provider-hang', 1, 'sfu'],
  ['camera-ended', 0, 'pair'],
  ['camera-stalled', 1, 'pair'],
  ['microphone-ended', 0, 'pair'],
  ['picture-black', 0, 'pair'],
  ['picture-static', 1, 'pair'],
]

/** Name of the recording and of its file. */
export function nameOf({ scenario, number, browser }: Job): string {
  return `${scenario.label}.${browser === 'firefox' ? 'firefox-' : ''}${number}`
}

/** The named labels or recordings, all without a name; `chromium` and `firefox` name all of one browser. */
export function jobsOf(names: readonly string[]): readonly Job[] {
  const jobs = SCENARIOS.flatMap((scenario): Job[] => [
    ...scenario.topologies.map((topology, number) => ({
      scenario,
      number,
      topology,
      browser: 'chromium' as const,
    })),
    ...FIREFOX.filter(([label]) => label === scenario.label).map(([, number, topology]) => ({
      scenario,
      number,
      topology,
      browser: 'firefox' as const,
    })),
  ])
  return jobs.filter(
    (job) =>
      names.length === 0 || [job.scenario.label, nameOf(job), job.browser].some((one) => names.includes(one)),
  )
}
