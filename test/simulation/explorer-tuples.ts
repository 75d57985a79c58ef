/**
 * Numbers for tuples of numbers: the same tuple always gets the same index, counted from 0. Flat arrays and open
 * addressing, because a search keeps millions of them.
 */

const FIRST_CAPACITY = 1024

/** A set of tuples of one width. */
export class TupleTable {
  size = 0
  readonly #width: number
  #data: Int32Array
  #slots: Int32Array

  constructor(width: number) {
    this.#width = width
    this.#data = new Int32Array(FIRST_CAPACITY * width)
    this.#slots = new Int32Array(FIRST_CAPACITY * 2).fill(-1)
  }

  /** The tuple's index; a new tuple's index is the size before. */
  intern(tuple: readonly number[]): number {
    let slot = this.#hash(tuple)
    for (let index = this.#slots[slot] as number; index >= 0; index = this.#slots[slot] as number) {
      if (this.#isAt(index, tuple)) return index
      slot = (slot + 1) & (this.#slots.length - 1)
    }
    this.#slots[slot] = this.size
    if ((this.size + 1) * this.#width > this.#data.length) this.#data = grown(this.#data)
    this.#data.set(tuple, this.size * this.#width)
    this.size++
    if (this.size * 2 > this.#slots.length) this.#rehash()
    return this.size - 1
  }

  tuple(index: number): number[] {
    return Array.from(this.#data.subarray(index * this.#width, (index + 1) * this.#width))
  }

  #isAt(index: number, tuple: readonly number[]): boolean {
    const from = index * this.#width
    for (let at = 0; at < this.#width; at++) if (this.#data[from + at] !== tuple[at]) return false
    return true
  }

  #hash(tuple: ArrayLike<number>): number {
    let hash = 0
    for (let at = 0; at < this.#width; at++)
      hash = Math.imul(hash ^ (tuple[at] as number), 0x9e3779b1) ^ (hash >>> 15)
    return (hash ^ (hash >>> 13)) & (this.#slots.length - 1)
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1)
    for (let index = 0; index < this.size; index++) {
      let slot = this.#hash(this.#data.subarray(index * this.#width, (index + 1) * this.#width))
      while (this.#slots[slot] !== -1) slot = (slot + 1) & (this.#slots.length - 1)
      this.#slots[slot] = index
    }
  }
}

/** Numbers that grow without boxing. */
export class IntList {
  length = 0
  #data = new Int32Array(FIRST_CAPACITY)

  push(value: number): void {
    if (this.length === this.#data.length) this.#data = grown(this.#data)
    this.#data[this.length++] = value
  }

  at(index: number): number {
    return this.#data[index] as number
  }
}

function grown(data: Int32Array): Int32Array<ArrayBuffer> {
  const next = new Int32Array(data.length * 2)
  next.set(data)
  return next
}
