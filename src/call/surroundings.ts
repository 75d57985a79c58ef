/** What is known of the network and the browser without asking anybody, coarse enough to say nothing about a person. */
import type { Circumstances } from '../recovery/context.js'

/** The part of the circumstances that belongs to the page. */
export type Surroundings = Pick<Circumstances, 'network' | 'browser'>

/** Reads them; what the browser does not tell is `unknown` or `other`. Works without a browser too. */
export function readSurroundings(): Surroundings {
  if (typeof navigator === 'undefined') return { network: 'unknown', browser: 'other' }
  // Only Chromium on mobile systems tells the kind of network.
  const { connection } = navigator as Navigator & { readonly connection?: { readonly type?: unknown } }
  return { network: networkOf(connection?.type), browser: browserOf(navigator.userAgent ?? '') }
}

function networkOf(type: unknown): Circumstances['network'] {
  return type === 'wifi' || type === 'cellular' || type === 'ethernet' ? type : 'unknown'
}

function browserOf(userAgent: string): Circumstances['browser'] {
  if (/Chrom(?:e|ium)\//.test(userAgent)) return 'chromium'
  if (/Firefox\//.test(userAgent)) return 'firefox'
  return /Safari\//.test(userAgent) ? 'safari' : 'other'
}
