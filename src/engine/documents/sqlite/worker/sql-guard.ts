import { sqlTokens, type SqlToken } from '../../sql-tokens.ts'

/** Pragma functions that only describe the schema. Others reveal local paths or change settings. */
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
/** Functions that load code, and modules that show raw pages or write. SQLite blocks most of them too; this is the outer barrier. */
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
/** What a WITH can end in besides SELECT and VALUES. None of these is a bare word of a SELECT outside a name. */
const CHANGING = new Set(['insert', 'update', 'delete', 'replace'])

/**
 * Returns why a statement isn't allowed as a read, or null if it is: one SELECT, WITH … SELECT or VALUES, or the EXPLAIN of
 * one. Behind this check are SQLite's own (read-only file, query_only, defensive, statement flags).
 */
export function queryProblem(sql: string): string | null {
  const tokens = sqlTokens(sql)
  if (tokens === null) return 'The query has an unclosed quote or a NUL character.'
  while (tokens.length > 0 && isSign(tokens.at(-1), ';')) tokens.pop()
  if (tokens.length === 0) return 'The query is empty.'
  if (tokens.some((token) => isSign(token, ';'))) return 'The query must be a single statement.'
  const body = afterExplain(tokens)
  const first = body[0]
  const opening = first?.kind === 'word' ? first.text.toLowerCase() : ''
  if (!OPENING.has(opening) || opening === 'explain') {
    return 'The query must be a read-only statement: SELECT, WITH … SELECT or VALUES (or EXPLAIN of one).'
  }
  if (opening === 'with') {
    const final = statementAfterWith(body)
    if (final !== 'select' && final !== 'values')
      return 'The query must be a read-only statement: a WITH must end in SELECT or VALUES.'
  }
  const forbidden = forbiddenName(body)
  return forbidden === null
    ? null
    : `The query can't use ${forbidden.slice(0, 64)}, because it reaches outside the document.`
}

/** Returns the first function or table that reaches outside the document, or null. */
export function forbiddenName(tokens: SqlToken[]): string | null {
  for (const token of tokens) {
    // SQLite's grammar accepts a string in place of a name, so strings are checked too.
    if (token.kind === 'number' || token.kind === 'sign') continue
    const name = token.text.toLowerCase()
    if (token.kind === 'string' && !name.startsWith('pragma_') && !name.startsWith('sqlite_dbp')) continue
    if (FORBIDDEN_NAMES.has(name) || (name.startsWith('pragma_') && !HARMLESS_PRAGMAS.has(name))) return name
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
