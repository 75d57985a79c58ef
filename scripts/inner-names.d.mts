export function findInnerNames(): string[]
