import { complianceSpec } from '../support/compliance-spec.js'

complianceSpec({ title: 'mesh', page: 'test/support/mesh-page.ts' })

complianceSpec({
  title: 'mesh over a channel that loses, repeats and reorders',
  page: 'test/support/mesh-page.ts',
  start: async () => ({ config: { shape: 'rough' } }),
})
