/** In place of the gate that checks tokens: pages that demand tokens use the modules, every other page is spared. */
import type { AdmissionGate } from '../document/admission.js'
import { HoldfastError } from '../errors.js'

/** Throws `dependency-missing`. */
export function createAdmissionGate(): AdmissionGate {
  throw new HoldfastError('dependency-missing', {
    message: 'The script-tag file has no `auth`; import the modules of the package instead.',
  })
}
