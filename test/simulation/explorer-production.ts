/** The functions that people run. */
import { createAgreement } from '../../src/consensus/agreement.js'
import { decide } from '../../src/consensus/decide.js'
import { step } from '../../src/consensus/step.js'
import type { Core } from './explorer-model.js'

export const PRODUCTION: Core = { createAgreement, decide, step }
