/** Stands in for `call/export-trace.ts` in the script-tag file: there is no recording that it could write down. */

/** As in `call/export-trace.ts`; nobody calls it. */
export function traceOf(): string {
  return ''
}
