/**
 * Where the same media leaves by several peer connections, one to each receiver: how those to the others fare. Who
 * has trouble with one receiver alone has it with that receiver; who has it with all has it with oneself.
 */
import type { Evidence } from '../alert.js'
import type { OutboundView } from '../scene.js'
import type { Finding } from './detector.js'

/** Below this share of the trouble, the others fare well. */
const WELL_SHARE = 0.5

/** Evidence: which connection this is, and the least share of its trouble that any other has; empty with one alone. */
export function elsewhere(
  view: OutboundView,
  outbound: readonly OutboundView[],
  shareOf: (other: OutboundView) => number,
): readonly (readonly [key: string, value: number, unit: Evidence['unit']])[] {
  const shares = outbound
    .filter((one) => one.pc !== view.pc && one.kind === view.kind && !one.isMuted)
    .map(shareOf)
    .filter(Number.isFinite)
  if (shares.length === 0) return []
  return [
    ['pc', view.pc, 'count'],
    ['elsewhereRatio', Math.min(...shares), 'ratio'],
  ]
}

/** The one connection that has the trouble while another has not; null when none is alone with it. */
export function lonePc({ evidence }: Finding): number | null {
  const numberOf = (name: string): number | null => evidence.find(({ key }) => key === name)?.value ?? null
  const share = numberOf('elsewhereRatio')
  return share !== null && share < WELL_SHARE ? numberOf('pc') : null
}
