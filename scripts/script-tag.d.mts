import type { Plugin } from 'rollup'

export function standIns(): Plugin
