import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/json.js'
import { createAnnouncements } from '../../../src/providers/announcements.js'

function board() {
  const shown: (Json | null)[] = []
  const directory = {
    announce: (entry: Json | null) => void shown.push(entry),
    entries: () => new Map<string, Json>(),
    subscribe: () => () => undefined,
  }
  return { shown, directory }
}

describe('announcements of connections side by side', () => {
  it("keeps the newer connection's entry when the older one leaves", () => {
    const { shown, directory } = board()
    const announcements = createAnnouncements()
    const [older, newer] = [{}, {}]
    announcements.show(older, directory, 'older')
    announcements.show(newer, directory, 'newer')
    announcements.withdraw(older)
    expect(shown).toEqual(['older', 'newer'])
    announcements.withdraw(newer)
    expect(shown.at(-1)).toBeNull()
  })

  it('shows what is not sure yet only where nothing else is shown', () => {
    const { shown, directory } = board()
    const announcements = createAnnouncements()
    const [older, newer] = [{}, {}]
    announcements.show(older, directory, 'older, not sure', true)
    announcements.show(newer, directory, 'newer, not sure', true)
    expect(shown).toEqual(['older, not sure'])
    announcements.show(newer, directory, 'newer')
    expect(shown.at(-1)).toBe('newer')
  })

  it("brings the older connection's entry back when the newer one is given up", () => {
    const { shown, directory } = board()
    const announcements = createAnnouncements()
    const [older, newer] = [{}, {}]
    announcements.show(older, directory, 'older')
    announcements.show(newer, directory, 'newer')
    announcements.show(older, directory, 'older again')
    announcements.withdraw(newer)
    expect(shown).toEqual(['older', 'newer', 'older again'])
  })
})
