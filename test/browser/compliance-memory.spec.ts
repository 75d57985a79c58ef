import { complianceSpec } from '../support/compliance-spec.js'

complianceSpec({ title: 'memory', page: 'test/support/memory-page.ts' })
