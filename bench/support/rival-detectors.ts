/**
 * The failure detectors that ours stands beside, as the reference describes them: a fixed timeout, Chen's expected
 * arrival plus a margin, and phi accrual on a normal distribution. Each turns ascending arrivals into the silence
 * it waits for after each of them.
 */

/** The timeout in force after each arrival. */
export type Rival = (arrivalsMs: readonly number[]) => readonly number[]

/** Distances remembered, as in the reference's runs. */
const WINDOW = 200
/** Least deviation, so that a steady link does not alarm at the first late packet. */
const SD_MIN_MS = 100
/** Where the logistic form of the normal tail is cut off. */
const LIMIT_SDS = 40
const BISECTIONS = 40

/** Suspects after the same silence always. */
export function fixed(timeoutMs: number): Rival {
  return (arrivalsMs) => arrivalsMs.map(() => timeoutMs)
}

/** Chen: the mean of the last arrivals, each moved to the next beat, plus `marginMs`. */
export function chen(everyMs: number, marginMs: number): Rival {
  return (arrivalsMs) => {
    const delays: number[] = []
    let sumMs = 0
    return arrivalsMs.map((atMs) => {
      // Beats that an outage held back arrive together: the newest that can have come is the one that counts.
      const number = Math.floor((atMs - (arrivalsMs[0] ?? 0)) / everyMs)
      delays.push(atMs - number * everyMs)
      sumMs += delays.at(-1) ?? 0
      if (delays.length > WINDOW) sumMs -= delays.shift() ?? 0
      return (number + 1) * everyMs + sumMs / delays.length + marginMs - atMs
    })
  }
}

/** Phi accrual: the silence whose probability under the last distances falls below 10^-`threshold`. */
export function phi(threshold: number, pauseMs: number): Rival {
  const deviations = deviationsOf(threshold)
  return (arrivalsMs) => {
    const distances: number[] = []
    let sum = 0
    let squares = 0
    return arrivalsMs.map((atMs, index) => {
      const distanceMs = atMs - (arrivalsMs[index - 1] ?? atMs - 1000)
      distances.push(distanceMs)
      sum += distanceMs
      squares += distanceMs ** 2
      const left = distances.length > WINDOW ? (distances.shift() ?? 0) : 0
      sum -= left
      squares -= left ** 2
      const mean = sum / distances.length
      const sd = Math.sqrt(Math.max(0, squares / distances.length - mean ** 2))
      return mean + pauseMs + deviations * Math.max(SD_MIN_MS, sd)
    })
  }
}

/** How many deviations above the mean the tail is 10^-threshold, by the usual logistic form. */
function deviationsOf(threshold: number): number {
  let low = 0
  let high = LIMIT_SDS
  for (let round = 0; round < BISECTIONS; round += 1) {
    const middle = (low + high) / 2
    const exponent = middle * (1.5976 + 0.070566 * middle ** 2)
    const reached = (exponent + Math.log1p(Math.exp(-exponent))) / Math.LN10
    if (reached < threshold) low = middle
    else high = middle
  }
  return high
}
