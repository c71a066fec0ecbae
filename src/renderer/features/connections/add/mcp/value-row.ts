import { t } from '../../../../../contract/text/translate.ts'

export type ValueSource = 'keychain' | 'env' | 'file' | 'plain'

/** A header or environment variable as entered. */
export interface ValueRow {
  id: number
  name: string
  source: ValueSource
  text: string
  /** A word before the value, as in "Token keychain". Undefined for the usual one. */
  prefix?: string
  touched: boolean
}

const HEADER = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

export function newRow(rows: readonly ValueRow[]): ValueRow {
  return { id: 1 + Math.max(0, ...rows.map(({ id }) => id)), name: '', source: 'keychain', text: '', touched: false }
}

export function rowProblem({ name, source, text }: ValueRow, noun: 'variable' | 'header'): string | null {
  if (!(noun === 'header' ? HEADER : VARIABLE).test(name))
    return noun === 'header'
      ? t`Enter a header name, for example Authorization.`
      : t`Enter a variable name (letters, digits and _).`
  if (source === 'env' && !VARIABLE.test(text)) return t`Enter the name of an environment variable.`
  if (source === 'file' && !text.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(text))
    return t`Enter the full path of the file.`
  return null
}

/**
 * Returns the rows as value references of the contract. A secret in Authorization gets the prefix Bearer unless the row
 * has another one.
 */
export function toReferences(rows: readonly ValueRow[]): Record<string, string> {
  return Object.fromEntries(
    rows.map(({ name, source, text, prefix }) => {
      const bare = source === 'keychain' ? 'keychain' : `${source}:${text}`
      if (prefix !== undefined) return [name, prefix === '' ? bare : `${prefix} ${bare}`]
      return [name, name.toLowerCase() === 'authorization' && source !== 'plain' ? `Bearer ${bare}` : bare]
    }),
  )
}

/** Returns the rows that `toReferences` turns into the same references. */
export function fromReferences(references: Readonly<Record<string, string>> = {}): ValueRow[] {
  return Object.entries(references).map(([name, reference], index) => {
    const [, prefix = '', source = 'plain', text = ''] =
      /^(?:([A-Za-z][A-Za-z0-9-]*) )?(keychain|env|file|plain)(?::?)([^]*)$/.exec(reference) ?? []
    return { id: index + 1, name, source: source as ValueSource, text, prefix, touched: false }
  })
}
