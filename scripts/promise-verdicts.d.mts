interface Test {
  readonly title: string
  readonly ids: readonly string[]
  readonly file: string
  readonly pattern: RegExp
}
interface Result {
  readonly file: string
  readonly titles: readonly string[]
  readonly outcome: string
  readonly reason?: string
}
export function titlesIn(text: string, file: string): Test[]
export function isRunnable(file: string): boolean
export function resultsOf(test: Pick<Test, 'pattern' | 'file'>, all: readonly Result[]): Result[]
export function judged(runs: readonly Result[]): { text: string; isKept: boolean }
