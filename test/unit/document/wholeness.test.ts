import { describe, expect, it } from 'vitest'
import type { PageState } from '../../../src/document/presence-wire.js'
import { createWholeness } from '../../../src/document/wholeness.js'

const page = (rtc: string, isWhole = true): PageState => ({
  page: `page-${rtc}`,
  rtc,
  isWhole,
  every: 1000,
  seats: [],
  pings: [],
  echoes: [],
})

describe('a room is whole', () => {
  it('when this page is linked with all it knows and each of them says the same', () => {
    const pages = [page('b'), page('c')]
    let said = 0
    const wholeness = createWholeness(
      () => pages,
      () => {
        said += 1
      },
    )
    expect(wholeness.isAll).toBe(false)
    wholeness.setLinked(['b'])
    expect(wholeness.isOwn).toBe(false)
    wholeness.setLinked(['b', 'c'])
    wholeness.setLinked(['c', 'b'])
    expect(wholeness.isAll).toBe(true)
    expect(said).toBe(1)
    pages.push(page('d', false))
    expect(['b', 'c', 'd', 'unknown'].filter(wholeness.isInNeed)).toEqual(['d', 'unknown'])
    expect(wholeness.isAll).toBe(false)
    wholeness.setLinked(['b', 'c'])
    expect(wholeness.isOwn).toBe(false)
    expect(said).toBe(2)
  })

  it('never while somebody is reached by the signaling servers alone, or nobody is known', () => {
    const pages: PageState[] = []
    const wholeness = createWholeness(
      () => pages,
      () => undefined,
    )
    wholeness.setLinked([])
    expect(wholeness.isAll).toBe(false)
    pages.push(page(''))
    wholeness.setLinked(['b'])
    expect(wholeness.isAll).toBe(false)
  })
})
