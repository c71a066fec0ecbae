import type { ToolFlag } from '../../../contract/upstreams/mcp-connection.ts'

/**
 * What malicious servers write into the texts that models read. A match proves nothing, so it only asks the owner to look
 * closely.
 */
const PATTERNS: readonly (readonly [ToolFlag['kind'], RegExp])[] = [
  [
    'instructs',
    /\b(?:ignore|disregard|forget|override)\b[^.\n]{0,60}\b(?:instructions?|prompts?|rules?|previous|above)\b/giu,
  ],
  [
    'instructs',
    /\b(?:always|never|first|you must(?: always| first| never)?|before (?:using|calling|answering)[^.\n]{0,40}?)[, ]+(?:read|call|use|send|include|run|add|pass|fetch|copy|forward|append|execute|open|upload|post)\b[^.\n]{0,120}/giu,
  ],
  ['instructs', /\b(?:send|forward|upload|post) (?:every|all|your|any)\b[^.\n]{0,60}/giu],
  ['instructs', /<\/?(?:important|system|instructions?|secret|hidden)>|\bsystem prompt\b/giu],
  [
    'secrecy',
    /\b(?:do not|don't|never|without|must not) (?:tell|mention|inform|show|reveal|notify|disclose|ask)(?:ing)?\b[^.\n]{0,60}/giu,
  ],
  ['secrecy', /\b(?:secretly|silently|keep (?:this|it) (?:secret|hidden|confidential))\b/giu],
  ['private', /(?:~|\$HOME|\/home\/[\w.-]+|\/Users\/[\w.-]+)?\/?\.(?:ssh|aws|gnupg|env|netrc|kube|npmrc)\b[\w./-]*/giu],
  ['private', /\bid_(?:rsa|ed25519|ecdsa)\b|\/etc\/(?:passwd|shadow)\b|\bmcp\.json\b/giu],
  ['private', /\b(?:ssh|private|signing) keys?\b|\bpasswords?\b|\bkeychain\b/giu],
  ['hidden', /(?:⟨U\+[0-9A-F]{4,6}⟩)+/gu],
  ['encoded', /\bhttps?:\/\/(?!json-schema\.org\b)[^\s"'<>)\]]+/giu],
  ['encoded', /\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[A-Za-z0-9+/]{64,}={0,2}/gu],
]
/** Servers can write texts of any length, and searching them must stay fast. */
const MAX_FLAGS = 50
/** Shorter names, and names that are ordinary words, would be found in any text. */
const TELLING_NAME = /[_.-]|[a-z][A-Z]/

/** Returns the suspicious parts of a tool's texts, by field. `elsewhere` are the names of tools of other connections. */
export function flagsOf(texts: ReadonlyMap<string, string>, elsewhere: ReadonlySet<string>): ToolFlag[] {
  const flags: ToolFlag[] = []
  for (const [field, text] of texts) {
    for (const [kind, pattern] of PATTERNS)
      for (const match of text.matchAll(pattern))
        flags.push({ kind, field, start: match.index, end: match.index + match[0].length })
    for (const match of text.matchAll(/\w[\w.-]{3,}\w/g))
      if (TELLING_NAME.test(match[0]) && elsewhere.has(match[0]))
        flags.push({ kind: 'other_tools', field, start: match.index, end: match.index + match[0].length })
  }
  return flags
    .toSorted((one, other) => one.field.localeCompare(other.field) || one.start - other.start)
    .slice(0, MAX_FLAGS)
}
