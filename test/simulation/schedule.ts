/**
 * Virtual time: tasks in order of their moment, those of one moment in order of arrival.
 */

interface Task {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** A virtual clock with its pending tasks, as a binary heap. */
export class Schedule {
  now = 0
  readonly #heap: Task[] = []
  #order = 0

  /** Runs `task` once, `delayMs` from now. */
  after(delayMs: number, run: () => void): void {
    const heap = this.#heap
    heap.push({ at: this.now + delayMs, order: this.#order++, run })
    for (let index = heap.length - 1, parent = (index - 1) >> 1; index > 0; parent = (index - 1) >> 1) {
      if (!isBefore(heap[index], heap[parent])) return
      swap(heap, index, parent)
      index = parent
    }
  }

  /** Runs everything that is due within the next `durationMs`. */
  run(durationMs: number): void {
    const end = this.now + durationMs
    while (this.runNext(end));
    this.now = end
  }

  /** Runs until `isDone`, at most `limitMs`; says whether it came true. */
  runUntil(isDone: () => boolean, limitMs: number): boolean {
    const end = this.now + limitMs
    while (!isDone()) if (!this.runNext(end)) return false
    return true
  }

  /** Runs the next task if it is due by `end`; says whether it did. */
  runNext(end: number): boolean {
    const next = this.#heap[0]
    if (next === undefined || next.at > end) return false
    this.#pop()
    this.now = next.at
    next.run()
    return true
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    for (let index = 0; ; ) {
      let least = index
      for (const child of [2 * index + 1, 2 * index + 2])
        if (child < heap.length && isBefore(heap[child], heap[least])) least = child
      if (least === index) return
      swap(heap, index, least)
      index = least
    }
  }
}

function isBefore(one: Task | undefined, other: Task | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

function swap(queue: Task[], one: number, other: number): void {
  const held = queue[one] as Task
  queue[one] = queue[other] as Task
  queue[other] = held
}
