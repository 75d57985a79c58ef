/**
 * Takes out of a text what must not be kept: tokens, session descriptions, addresses, names. It errs on the
 * side of removing; what is left is for people, no code reads it.
 */

/** Nothing behind this is looked at, or a long text could hold the page; what is kept is far shorter. */
const INPUT_MAX_CHARS = 1000

/** No plain word is that long, while tokens, fingerprints and ICE passwords are. */
const SECRET_LIKE = /[\w+/=.~-]{33,}|(?=[\w+/=-]*\d)(?=[\w+/=-]*[a-z])[\w+/=]{16,}/gi

/** What is looked for, in this order, and what stands there instead. */
const RULES: readonly (readonly [what: RegExp, instead: string])[] = [
  // A session description or one of its lines: nothing behind its beginning is plain text.
  [/(?:^|\s)(?:v=0|o=\S+ \d|m=(?:audio|video|application) |a=[a-z]|c=IN |candidate:).*$/is, ' [removed]'],
  [/\beyJ\S+|\b(?:bearer|basic)\s+\S+/gi, '[removed]'],
  [
    /\b(token|secret|passw(?:or)?d|pwd|(?:api-?)?key|credential|authorization|ufrag|fingerprint|jwt)\b["']?\s*[=:]\s*["']?\S+/gi,
    '$1 [removed]',
  ],
  [/\b[a-z][\w+.-]*:\/\/\S+|\b(?:stuns?|turns?):\S+/gi, '[address]'],
  [/[^\s@<]+@[^\s@>]+\.\w+/g, '[address]'],
  [/\b[\w-]+\.local\b/gi, '[address]'],
  [/\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi, '[address]'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '[address]'],
  [/(?<![\w:])\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:%\w+)?\]?(?::\d+)?(?![\w:])/gi, '[address]'],
  [/\+?\d[\d ()-]{7,}\d/g, '[number]'],
  [SECRET_LIKE, '[removed]'],
]

/** A text fit for storage, on one line and at most so long; `names` are those of people. */
export function clean(text: string, maxLength: number, names: readonly string[] = []): string {
  const known = names.reduce(
    (all, name) => (name.length > 1 ? all.replaceAll(name, '[name]') : all),
    cut(text, INPUT_MAX_CHARS),
  )
  const cleaned = RULES.reduce((all, [what, instead]) => all.replace(what, instead), known)
  return cut(cleaned.replace(/\s+/g, ' ').trim(), maxLength)
}

/** At most so long, without half a character at the end. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const end = text.slice(0, maxLength)
  // Half a surrogate pair at the cut would make the string malformed.
  return /[\uD800-\uDBFF]$/.test(end) ? end.slice(0, -1) : end
}
