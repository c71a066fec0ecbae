/** Returns the SQL type of a column that Hallpass creates. If SQLite has no name for it, the Grist type follows in quotes: TEXT "Choice". */
export function declaredType(type: string): string | null {
  const plain: Record<string, string> = { Text: 'TEXT', Numeric: 'NUMERIC', Int: 'INTEGER', Bool: 'BOOLEAN', Any: '' }
  if (Object.hasOwn(plain, type)) return plain[type] ?? ''
  const [kind, argument] = splitType(type)
  const sql = (affinity: string): string => `${affinity} "${type.replaceAll('"', '""')}"`
  if (type === 'Choice' || type === 'ChoiceList') return sql('TEXT')
  if (type === 'Date' || type === 'DateTime') return sql('NUMERIC')
  if (kind === 'DateTime' && argument !== '' && isTimeZone(argument)) return sql('NUMERIC')
  if (kind === 'Ref' && argument !== '') return sql('INTEGER')
  if (kind === 'RefList' && argument !== '') return sql('TEXT')
  return null
}

export const KNOWN_TYPES =
  'Text, Numeric, Int, Bool, Date, DateTime:<zone>, Choice, ChoiceList, Ref:<table>, RefList:<table>, Any'

const QUOTED_TYPE = /^(?:TEXT|NUMERIC|INTEGER) "((?:[^"]|"")+)"$/

/**
 * Returns the Grist type of a declared SQL type. Date columns of a file that Hallpass didn't create are Any, because such
 * files contain ISO text or numbers of several conventions, so epoch seconds would be a false promise.
 */
export function gristType(declared: string): string {
  const quoted = QUOTED_TYPE.exec(declared)?.[1]?.replaceAll('""', '"')
  if (quoted !== undefined && declaredType(quoted) !== null) return quoted
  const upper = declared.toUpperCase()
  if (upper.includes('BOOL')) return 'Bool'
  if (upper.includes('INT')) return 'Int'
  if (/CHAR|CLOB|TEXT/.test(upper)) return 'Text'
  if (/REAL|FLOA|DOUB|NUMERIC|DECIMAL|NUMBER/.test(upper)) return 'Numeric'
  return 'Any'
}

export function splitType(type: string): [kind: string, argument: string] {
  const colon = type.indexOf(':')
  return colon === -1 ? [type, ''] : [type.slice(0, colon), type.slice(colon + 1)]
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
