/** In place of dates: what others say now is taken to be of now. */
import type { DatedSight, OtherSight } from '../health/sight-date.js'

/** As it is said. */
export const dated = (_known: unknown, others: readonly OtherSight[]): readonly OtherSight[] => others

/** Heard since. */
export const beganWith = ({ heardAtMs }: DatedSight, sinceMs: number): boolean => heardAtMs > sinceMs
