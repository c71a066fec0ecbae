import { sqlTokens, type SqlToken } from './sql-tokens.ts'

/** Pragma functions that only describe the schema. The others tell paths of this machine or change settings. */
const HARMLESS_PRAGMAS = new Set([
  'pragma_table_info',
  'pragma_table_xinfo',
  'pragma_table_list',
  'pragma_index_list',
  'pragma_index_info',
  'pragma_index_xinfo',
  'pragma_foreign_key_list',
  'pragma_collation_list',
  'pragma_function_list',
])
/** Functions that load code, and modules that show raw pages or write. SQLite refuses most of them too; this is the outer wall. */
const FORBIDDEN_NAMES = new Set([
  'load_extension',
  'fts3_tokenizer',
  'writefile',
  'readfile',
  'edit',
  'sqlite_dbpage',
  'sqlite_dbdata',
  'sqlite_dbptr',
  'fsdir',
  'zipfile',
  'sqlar_compress',
  'sqlar_uncompress',
])
const OPENING = new Set(['select', 'values', 'with', 'explain'])
/** What a WITH may end in besides SELECT and VALUES, and what stands nowhere in a SELECT as a bare word outside a name. */
const CHANGING = new Set(['insert', 'update', 'delete', 'replace'])

/**
 * Says why a statement may not run as a read, or null when it may: one SELECT, WITH … SELECT or VALUES, or the EXPLAIN
 * of one. SQLite's own refusals stand behind this one (read-only file, query_only, defensive, statement flags).
 */
export function refuseQuery(sql: string): string | null {
  const tokens = sqlTokens(sql)
  if (tokens === null) return 'query has an unfinished quote or a NUL character.'
  while (tokens.length > 0 && isSign(tokens.at(-1), ';')) tokens.pop()
  if (tokens.length === 0) return 'query holds no statement.'
  if (tokens.some((token) => isSign(token, ';'))) return 'query must be one statement; it holds a ";" between two.'
  const body = afterExplain(tokens)
  const first = body[0]
  const opening = first?.kind === 'word' ? first.text.toLowerCase() : ''
  if (!OPENING.has(opening) || opening === 'explain') {
    return 'query must be a read-only statement: SELECT, WITH … SELECT or VALUES (or EXPLAIN of one).'
  }
  if (opening === 'with') {
    const final = statementAfterWith(body)
    if (final !== 'select' && final !== 'values')
      return 'query must be a read-only statement: a WITH must end in SELECT or VALUES.'
  }
  for (const token of body) {
    // A string can stand for a name in SQLite's grammar, so strings are looked at wherever FROM could follow them.
    if (token.kind === 'number' || token.kind === 'sign') continue
    const name = token.text.toLowerCase()
    if (token.kind === 'string' && !name.startsWith('pragma_') && !name.startsWith('sqlite_dbp')) continue
    if (FORBIDDEN_NAMES.has(name) || (name.startsWith('pragma_') && !HARMLESS_PRAGMAS.has(name))) {
      return `query may not use ${name.slice(0, 64)}: it reaches beyond the document's tables.`
    }
  }
  return null
}

function afterExplain(tokens: SqlToken[]): SqlToken[] {
  if (!isWord(tokens[0], 'explain')) return tokens
  return isWord(tokens[1], 'query') && isWord(tokens[2], 'plan') ? tokens.slice(3) : tokens.slice(1)
}

function statementAfterWith(tokens: SqlToken[]): string | null {
  let depth = 0
  for (const token of tokens.slice(1)) {
    if (isSign(token, '(')) depth += 1
    else if (isSign(token, ')')) depth -= 1
    else if (depth === 0 && token.kind === 'word') {
      const word = token.text.toLowerCase()
      if (word === 'select' || word === 'values' || CHANGING.has(word)) return word
    }
  }
  return null
}

function isSign(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text
}

function isWord(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text.toLowerCase() === text
}
