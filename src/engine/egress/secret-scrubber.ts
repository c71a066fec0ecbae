const SHORTEST = 4
const MASK = 0x2a

/**
 * Removes secrets from upstream responses: verbatim, percent-encoded, JSON- and HTML-escaped, in hexadecimal, and in
 * base64 at any alignment. They are replaced by asterisks of the same length, so that lengths stay correct. A hostile
 * server can use other encodings; these are the likely ones.
 */
export interface SecretScrubber {
  text(text: string): string
  /**
   * Returns a scrubber for one body. Secrets that span two chunks are found: only bytes that could be the beginning of
   * one are held back.
   */
  stream(): StreamScrubber
}

export interface StreamScrubber {
  /** Returns what can be sent now: possibly nothing, or the same buffer. */
  push(piece: Buffer): Buffer
  /** Returns what was held back. */
  end(): Buffer
}

/** Returns null if there is nothing to search for: no secret, or one too short to distinguish from other text. */
export function createSecretScrubber(secrets: readonly string[]): SecretScrubber | null {
  const forms = secretForms(secrets)
  if (forms.length === 0) return null
  const needles = forms.map((form) => Buffer.from(form))
  const longest = Math.max(...needles.map((needle) => needle.length))
  // Indexed by the last byte of a possible beginning. Most bytes begin none.
  const starts = new Uint8Array(256)
  for (const needle of needles) starts[needle[0] ?? 0] = 1

  return {
    text: (text) =>
      forms.reduce(
        (clean, form) => (clean.includes(form) ? clean.replaceAll(form, '*'.repeat(form.length)) : clean),
        text,
      ),
    stream() {
      let held: Buffer | null = null
      return {
        push(piece) {
          const whole = held === null ? piece : Buffer.concat([held, piece])
          held = null
          const clean = masked(whole, needles)
          const keep = beginningAt(clean, needles, starts, longest)
          if (keep === clean.length) return clean
          held = Buffer.from(clean.subarray(keep))
          return clean.subarray(0, keep)
        },
        end() {
          const last = held ?? Buffer.alloc(0)
          held = null
          return last
        },
      }
    },
  }
}

/** Returns the forms to search for, longest first. Empty for a secret that is too short. */
export function secretForms(secrets: readonly string[]): string[] {
  return [...new Set(secrets.filter((secret) => secret.length >= SHORTEST).flatMap(formsOf))]
    .filter((form) => form.length >= SHORTEST)
    .toSorted((one, other) => other.length - one.length)
}

/** Masks a copy, and only if there is something to mask. */
function masked(piece: Buffer, needles: readonly Buffer[]): Buffer {
  let clean = piece
  for (const needle of needles) {
    for (let at = clean.indexOf(needle); at !== -1; at = clean.indexOf(needle, at + needle.length)) {
      if (clean === piece) clean = Buffer.from(piece)
      clean.fill(MASK, at, at + needle.length)
    }
  }
  return clean
}

/** Returns where the longest possible beginning of a form starts, or the length if there is none. */
function beginningAt(piece: Buffer, needles: readonly Buffer[], starts: Uint8Array, longest: number): number {
  for (let at = Math.max(0, piece.length - longest + 1); at < piece.length; at += 1) {
    if (starts[piece[at] ?? 0] === 0) continue
    const left = piece.length - at
    if (needles.some((needle) => needle.length > left && needle.compare(piece, at, piece.length, 0, left) === 0))
      return at
  }
  return piece.length
}

function formsOf(secret: string): string[] {
  const percent = encodeURIComponent(secret)
  const escaped = JSON.stringify(secret).slice(1, -1)
  const hex = Buffer.from(secret).toString('hex')
  return [
    secret,
    percent,
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    percent.replaceAll('%20', '+'),
    escaped,
    escaped.replaceAll('/', '\\/'),
    asciiOnly(escaped),
    htmlEscaped(secret),
    hex,
    hex.toUpperCase(),
    ...base64Forms(secret),
  ]
}

function asciiOnly(escaped: string): string {
  return escaped.replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function htmlEscaped(secret: string): string {
  return secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
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
    return [standard, standard.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
