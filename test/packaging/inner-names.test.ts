import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findInnerNames } from '../../scripts/inner-names.mjs'

describe('names that the script-tag build shortens', () => {
  it('are no names that apps, peers, servers, storage or the platform know', () => {
    const file = new URL('../../scripts/inner-names.json', import.meta.url)
    const listed: readonly string[] = JSON.parse(readFileSync(file, 'utf8'))
    const inner = new Set<string>(findInnerNames())
    expect(listed.length).toBeGreaterThan(0)
    expect(listed.filter((name) => !inner.has(name))).toEqual([])
  })
})
