export interface SqlToken {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'sign'
  /** The text as written; quoted identifiers without their quotes. */
  text: string
  start: number
  end: number
}

const CLOSING: Record<string, string> = { '"': '"', '`': '`', '[': ']', "'": "'" }
const WORD_START = /[A-Za-z_\u0080-\uffff]/
const WORD = /[A-Za-z0-9_$\u0080-\uffff]/

/** Splits SQL as SQLite does, without comments and white space. Returns null if a quote or a NUL makes the text ambiguous. */
export function sqlTokens(sql: string): SqlToken[] | null {
  // SQLite stops reading at a NUL, JavaScript doesn't.
  if (sql.includes('\0')) return null
  const tokens: SqlToken[] = []
  let at = 0
  while (at < sql.length) {
    const start = at
    const char = sql.charAt(at)
    if (/[ \t\n\f\r]/.test(char)) at += 1
    else if (sql.startsWith('--', at)) {
      const end = sql.indexOf('\n', at)
      at = end === -1 ? sql.length : end + 1
    } else if (sql.startsWith('/*', at)) {
      const end = sql.indexOf('*/', at + 2)
      at = end === -1 ? sql.length : end + 2
    } else if (char in CLOSING) {
      const end = closingQuote(sql, at)
      if (end === -1) return null
      const close = CLOSING[char] as string
      const inner = sql.slice(at + 1, end)
      const text = close === ']' ? inner : inner.replaceAll(close + close, close)
      at = end + 1
      tokens.push({ kind: char === "'" ? 'string' : 'quoted', text, start, end: at })
    } else if (WORD_START.test(char)) {
      while (at < sql.length && WORD.test(sql.charAt(at))) at += 1
      tokens.push({ kind: 'word', text: sql.slice(start, at), start, end: at })
    } else if (/[0-9]/.test(char)) {
      while (at < sql.length && /[A-Za-z0-9_.]/.test(sql.charAt(at))) at += 1
      tokens.push({ kind: 'number', text: sql.slice(start, at), start, end: at })
    } else {
      at += 1
      tokens.push({ kind: 'sign', text: char, start, end: at })
    }
  }
  return tokens
}

function closingQuote(sql: string, open: number): number {
  const close = CLOSING[sql.charAt(open)] as string
  for (let at = open + 1; ; at += 2) {
    at = sql.indexOf(close, at)
    if (at === -1) return -1
    if (close === ']' || sql.charAt(at + 1) !== close) return at
  }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
