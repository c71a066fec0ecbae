/** Shorter secrets aren't masked, because they can't be distinguished from other text. */
const SHORTEST = 4

/**
 * Returns the texts in which a server may echo a secret, longest first: unchanged, and encoded by common JSON, HTML and URL encoders.
 * Empty if the secret is too short.
 */
export function secretForms(secrets: readonly string[]): string[] {
  return [...new Set(secrets.filter((secret) => secret.length >= SHORTEST).flatMap(formsOf))]
    .filter((form) => form.length >= SHORTEST)
    .toSorted((one, other) => other.length - one.length)
}

/** Returns the forms as bytes, longest first: `secretForms` in UTF-8, and the secret in UTF-16. */
export function secretBytes(secrets: readonly string[]): Buffer[] {
  const wide = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [Buffer.from(secret, 'utf16le'), Buffer.from(secret, 'utf16le').swap16()])
  return [...secretForms(secrets).map((form) => Buffer.from(form)), ...wide].toSorted(
    (one, other) => other.length - one.length,
  )
}

function formsOf(secret: string): string[] {
  const json = jsonForms(secret)
  const percent = percentForms(secret)
  return [
    secret,
    ...json,
    // JSON in a JSON string, and double percent-encoding.
    ...json.flatMap((form) => [quoted(form), htmlNamed(form)]),
    ...percent,
    ...percent.map((form) => form.replaceAll('%', '%25')),
    ...htmlForms(secret),
    ...hexForms(secret),
    ...base64Forms(secret),
  ]
}

function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** Characters that encoders of JavaScript, Go, Java (Gson), .NET, Python and PHP escape although JSON doesn't require it. */
function jsonForms(secret: string): string[] {
  const plain = quoted(secret)
  const escapes = [/[<>&\u2028\u2029]/g, /[<>&='\u2028\u2029]/g, /[<>&'+`\u007f-\uffff]/g, /[\u007f-\uffff]/g]
  const forms = [plain, ...escapes.flatMap((set) => escaped(plain, set))]
  // .NET and PHP can write a double quote as a \u escape, and an encoder may write every character that way.
  forms.push(...escaped(secret, /[<>&'"\\+`\u007f-\uffff]/g), ...escaped(secret, /[^]/g))
  return forms.flatMap((form) => [form, form.replaceAll('/', '\\/')])
}

function escaped(text: string, set: RegExp): string[] {
  const code = (unit: string): string => unit.charCodeAt(0).toString(16).padStart(4, '0')
  return [
    text.replaceAll(set, (unit) => `\\u${code(unit)}`),
    text.replaceAll(set, (unit) => `\\u${code(unit).toUpperCase()}`),
  ]
}

/** Ordered from the encoder that escapes the fewest characters to one that escapes all. */
function percentForms(secret: string): string[] {
  const byComponent = encodeURIComponent(secret)
  const others = MORE_PERCENT.map((set) => byComponent.replaceAll(set, percentOf))
  const all = Buffer.from(secret).toString('hex').toUpperCase().replaceAll(/../g, '%$&')
  return [byComponent, encodeURI(secret), ...others, all].flatMap((form) => [
    form,
    form.replaceAll('%20', '+'),
    form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ])
}

/** Characters that encoders of Python, Java, PHP and others escape and encodeURIComponent doesn't. */
const MORE_PERCENT = [/[!'()*]/g, /~/g, /[!'()~]/g, /[!'()*~]/g]

function percentOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/** Named entities, and the numeric ones that Go, Python, PHP and .NET write for quotes and other characters. */
function htmlForms(secret: string): string[] {
  const named = htmlNamed(secret)
  const numbered = (set: RegExp, write: (code: number) => string): string =>
    secret.replaceAll(set, (character) => write(character.codePointAt(0) ?? 0))
  const quotes = ['&#39;', '&#039;', '&#x27;', '&apos;'].map((quote) => named.replaceAll("'", quote))
  return [
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    named,
    ...quotes,
    ...quotes.map((form) => form.replaceAll('&quot;', '&#34;')),
    ...quotes.map((form) => form.replaceAll('&quot;', '&#34;').replaceAll('+', '&#43;')),
    ...quotes.map((form) => form.replaceAll('&quot;', '&#34;').replaceAll('+', '&#43;').replaceAll('=', '&#61;')),
    ...[/[^A-Za-z0-9]/gu, /[^]/gu].flatMap((set) => [
      numbered(set, (code) => `&#${code};`),
      numbered(set, (code) => `&#x${code.toString(16)};`),
      numbered(set, (code) => `&#x${code.toString(16).toUpperCase()};`),
    ]),
    numbered(/[\u0080-\u{10ffff}]/gu, (code) => `&#${code};`),
  ]
}

function htmlNamed(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function hexForms(text: string): string[] {
  const hex = Buffer.from(text).toString('hex')
  return [hex, hex.toUpperCase()]
}

/** Returns the base64 characters that depend only on the secret, for each of the three alignments. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const start = Math.ceil((before * 8) / 6)
    const end = Math.floor(((before + bytes.length) * 8) / 6)
    const standard = text.slice(start, end)
    return [standard, standard.replaceAll('+', '-').replaceAll('/', '_'), standard.replaceAll('/', '\\/')]
  })
}
