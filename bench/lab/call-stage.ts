/** A real call in the lab: one participant per host, two Janus servers in hosts of their own. */
import type { Page } from 'playwright'
import type { TabSpec } from '../../test/support/call-page.js'
import { type SfuHost, startSfu } from './sfu-hosts.js'
import { inAll, type LabContext, openStage, type Stage, until } from './stage.js'

/** Hosts of the participants, who are named alike. */
export const PEOPLE = ['a', 'b', 'c'] as const
/** Hosts of the media servers; also the providers' ids. */
export const SFUS = ['east', 'west'] as const

/** A running call on `east`. */
export interface CallStage {
  readonly stage: Stage
  readonly pages: readonly Page[]
  close(): Promise<void>
}

/** Opens it and waits until everybody sees everybody. */
export async function openCall(context: LabContext, change: Partial<TabSpec> = {}): Promise<CallStage> {
  const stage = await openStage(context.pages, PEOPLE, SFUS)
  const sfus: SfuHost[] = []
  const close = async (): Promise<void> => {
    for (const sfu of sfus) sfu.close()
    await stage.close()
  }
  try {
    sfus.push(...(await Promise.all(SFUS.map((name) => startSfu(stage.network.host(name))))))
    const pages = await Promise.all(PEOPLE.map((name) => stage.browser(name).open(ENTRY)))
    const providers = sfus.map(({ provider }) => provider)
    const shared = { room: 'lab-call', providers, signaling: [stage.signaling], watchesBlack: false }
    await inAll(pages, (page, at) =>
      page.evaluate((spec) => window.rig.start(spec), { ...shared, me: { id: PEOPLE[at] ?? '' }, ...change }),
    )
    await until('everybody sees everybody on east', () => isLive(pages, 'east'))
    return { stage, pages, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Everybody is live on this provider, in one record, and gets pictures of everybody else. */
export async function isLive(pages: readonly Page[], provider: string): Promise<boolean> {
  const sinceMs = Date.now() - FRESH_MS
  const states = await inAll(pages, (page) =>
    page.evaluate((since) => {
      const { state, provider: shown, agreement } = window.rig.snapshot()
      const seen = Object.values(window.rig.frames()).filter(({ times }) => (times.at(-1) ?? 0) > since)
      return { state, shown, record: `${agreement.lineage}/${agreement.epoch}`, seen: seen.length }
    }, sinceMs),
  )
  return (
    new Set(states.map(({ record }) => record)).size === 1 &&
    states.every(
      ({ state, shown, seen }) => state === 'live' && shown === provider && seen === pages.length - 1,
    )
  )
}

/** When each page agreed on the provider last, milliseconds since 1970; 0 where it never did. */
export function agreedAt(pages: readonly Page[], provider: string): Promise<readonly number[]> {
  return inAll(pages, (page) =>
    page.evaluate(
      (id) =>
        window.rig
          .moments()
          .findLast(
            ({ name, detail }) =>
              name === 'provider-agreed' && (detail as { provider: string | null }).provider === id,
          )?.atMs ?? 0,
      provider,
    ),
  )
}

/** Frame times of every pair, milliseconds since 1970. */
export async function frameTimes(pages: readonly Page[]): Promise<readonly (readonly number[])[]> {
  const logs = await inAll(pages, (page) =>
    page.evaluate(() => Object.values(window.rig.frames()).map(({ times }) => times)),
  )
  return logs.flat()
}

const ENTRY = 'test/support/call-page.ts'
/** Five frames at fifteen a second. */
const FRESH_MS = 350
