/**
 * Takes out of a package's source what nobody in the script-tag file calls, before it is bundled. If the package
 * changes and a name is gone, the build stops instead of shipping half a cut.
 *
 * `drop` removes methods, `put` replaces methods, top-level constants' values or whole classes, all named as
 * `name` or `Class.method`; `blocks` replaces what stands between two pieces of source, the first included.
 */

/** `parse` is the parser of Rollup's plugin context. */
export function cut(code, { drop = [], put = {}, blocks = [] }, parse) {
  const found = declarations(code, parse(code))
  const named = [...drop.map((name) => [name, '']), ...Object.entries(put)]
  const edits = named.map(([name, text]) => ({ ...(found.get(name) ?? stop(name)), text, name }))
  edits.push(...blocks.map(([from, to, text = '']) => ({ ...between(code, from, to), text, name: from })))
  edits.sort((one, other) => other.start - one.start)
  let result = code
  let leftmost = code.length
  for (const { start, end, text, name } of edits) {
    if (end > leftmost) throw new Error(`two cuts overlap at ${name}`)
    leftmost = start
    result = result.slice(0, start) + text + result.slice(end)
  }
  return result
}

/** Where each class, method and constant stands; a getter and its setter are one range. */
function declarations(code, { body }) {
  const found = new Map()
  for (const statement of body) {
    const node = statement.type.startsWith('Export') ? statement.declaration : statement
    for (const { id, init } of node?.declarations ?? []) if (init) found.set(id.name, init)
    if (node?.type !== 'ClassDeclaration') continue
    found.set(node.id.name, node)
    for (const method of node.body.body) {
      const name = `${node.id.name}.${code.slice(method.key.start, method.key.end)}`
      found.set(name, { start: found.get(name)?.start ?? method.start, end: method.end })
    }
  }
  return found
}

function between(code, from, to) {
  const start = code.indexOf(from)
  const end = code.indexOf(to, start)
  return start < 0 || end < 0 || code.indexOf(from, start + 1) >= 0 ? stop(from) : { start, end }
}

function stop(name) {
  throw new Error(`a package changed: there is no such ${name}, or more than one`)
}
