/** The example deployment names what exists: versions, settings and files. It is run where Docker is, not here. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>
}
const manifestOf = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8'))
const command = readFileSync('src/server/cli.ts', 'utf8')

describe('deploy/', () => {
  it('installs the versions that the tests run with, each an optional peer of the package', () => {
    const root = manifestOf('package.json')
    for (const [name, version] of Object.entries(manifestOf('deploy/package.json').dependencies ?? {})) {
      expect(root.devDependencies?.[name], name).toBe(version)
      expect(root.peerDependenciesMeta?.[name], name).toEqual({ optional: true })
    }
  })

  it('uses only settings that the command knows', () => {
    const files = ['deploy/Dockerfile', 'deploy/compose.yaml', 'docs/operations.md']
    for (const file of files) {
      const text = readFileSync(file, 'utf8')
      const settings = [
        ...text.matchAll(
          /HOLDFAST_[A-Z_]+|(?<=[`\s'"])--(?:host|port|allow|metrics|jwks|iss|aud|redis)[\w-]*/g,
        ),
      ]
      expect(settings.length, file).toBeGreaterThan(0)
      for (const [setting] of settings)
        expect(command, `${file}: ${setting}`).toContain(setting.replace(/^--/, ''))
    }
  })
})
