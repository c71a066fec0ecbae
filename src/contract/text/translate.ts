import { i18n, type Messages } from '@lingui/core'

/** A count with the words that depend on it. `#` stands for the count. */
class Plural {
  readonly count: number
  readonly forms: PluralForms
  constructor(count: number, forms: PluralForms) {
    this.count = count
    this.forms = forms
  }
}

/** The English forms of a plural. Translations have the forms of their language. */
export type PluralForms = readonly [one: string, other: string]

/** Another language than English, if there was one before this module was loaded. */
const { hallpassLanguage: given } = globalThis as { hallpassLanguage?: { locale: string; messages: Messages } }
if (given !== undefined) i18n.loadAndActivate(given)

const number = new Intl.NumberFormat('en')
const ESCAPE = '\u0001'

/** Returns the words for a count, for use inside of a text: `${plural(2, '# token', '# tokens')}`. */
export function plural(count: number, one: string, other: string): Plural {
  return new Plural(count, [one, other])
}

/**
 * Returns a text in the language of the screens. The English text is its key, with `{0}` for the first value. Texts that
 * have no translation are shown in English.
 */
export function t(strings: TemplateStringsArray, ...values: (string | number | Plural)[]): string {
  return messageParts(strings, values).join('')
}

/** Returns a text as its parts: words of the language, and the values between them. */
export function messageParts<Value>(
  strings: TemplateStringsArray,
  values: readonly (Value | Plural)[],
): (string | Value)[] {
  const forms = values.map((value) => (value instanceof Plural ? value.forms : null))
  // English needs no key. Most people read English.
  const key = i18n.locale === '' ? null : messageKey(strings, forms)
  if (key === null || i18n.messages[key] === undefined) return englishParts(strings, values)
  // Values are put in afterwards, because Lingui decodes escapes such as \u202e, and values contain them for a reason.
  const marks = values.map((value, index) => (value instanceof Plural ? value.count : `${ESCAPE}${index}${ESCAPE}`))
  return i18n
    ._(key, { ...marks })
    .split(ESCAPE)
    .map((part, index) => (index % 2 === 0 ? part : (values[Number(part)] as Value)))
}

function englishParts<Value>(strings: TemplateStringsArray, values: readonly (Value | Plural)[]): (string | Value)[] {
  return strings.flatMap((text, index) => {
    if (index === values.length) return [text]
    const value = values[index] as Value | Plural
    if (!(value instanceof Plural)) return [text, value]
    const form = value.forms[value.count === 1 ? 0 : 1]
    return [text, form.replace('#', number.format(value.count))]
  })
}

/** Returns the key of a text: its English in ICU MessageFormat. */
export function messageKey(strings: readonly string[], plurals: readonly (PluralForms | null)[]): string {
  return strings
    .map((text, index) => {
      if (index === plurals.length) return escapeIcu(text)
      const forms = plurals[index] ?? null
      const value = forms === null ? '' : `, plural, one {${escapeIcu(forms[0])}} other {${escapeIcu(forms[1])}}`
      return `${escapeIcu(text)}{${index}${value}}`
    })
    .join('')
}

/** Quotes braces, which are ICU syntax, and doubles apostrophes that would quote. */
function escapeIcu(text: string): string {
  return text.replaceAll(/[{}']+/g, (run) => {
    if (run === "'") return run
    const doubled = run.replaceAll("'", "''")
    return /[{}]/.test(run) ? `'${doubled}'` : doubled
  })
}
