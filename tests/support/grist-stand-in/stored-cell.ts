/** Returns what Grist stores for a value written to a column: converted if possible, otherwise as text. */
export function storedCell(type: string, value: unknown): unknown {
  const kind = type.split(':')[0]
  if (value === null) return kind === 'Bool' ? false : null
  if (Array.isArray(value)) return value
  switch (kind) {
    case 'Text':
    case 'Choice':
      return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)
    case 'Numeric':
      return numeric(value)
    case 'Int': {
      const number = numeric(value)
      if (typeof number !== 'number') return number
      const whole = Math.trunc(number)
      return Math.abs(whole) > 2_147_483_647 ? `${whole}.0` : whole
    }
    case 'Bool':
      return ['yes', 'true', '1'].includes(String(value).toLowerCase())
        ? true
        : ['no', 'false', '0', ''].includes(String(value).toLowerCase())
          ? false
          : value
    case 'Date':
    case 'DateTime':
      return typeof value === 'string' ? date(value) : value
    case 'ChoiceList':
      return typeof value === 'string' ? ['L', ...value.split(',').map((part) => part.trim())] : value
    default:
      return value
  }
}

/** Returns the value of the column in a row that was added without one. */
export function defaultCell(type: string): unknown {
  const kind = type.split(':')[0] ?? ''
  if (['Numeric', 'Int', 'Ref'].includes(kind)) return 0
  if (kind === 'Bool') return false
  return ['Text', 'Choice'].includes(kind) ? '' : null
}

function numeric(value: unknown): unknown {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  const text = String(value).trim()
  if (text === '') return null
  const number = Number(text.replace(/[$,%]/g, ''))
  return Number.isNaN(number) ? value : text.endsWith('%') ? number / 100 : number
}

function date(text: string): unknown {
  const at = new Date(text)
  const real = !Number.isNaN(at.getTime()) && (text.length > 10 || at.toISOString().startsWith(text))
  return real ? at.getTime() / 1000 : text
}
