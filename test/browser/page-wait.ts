/** Waits inside a page until a condition holds; rejects with `what` after ten seconds. */
export function waitFor(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 10_000
  return new Promise((resolve, reject) => {
    const check = async (): Promise<void> => {
      if (await isTrue()) resolve()
      else if (performance.now() > endMs) reject(new Error(`never: ${what}`))
      else setTimeout(() => void check(), 20)
    }
    void check()
  })
}
