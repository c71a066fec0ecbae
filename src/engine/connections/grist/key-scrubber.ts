const SHORTEST = 4
const CUT = '[secret]'

/**
 * Makes a function that cuts a key out of a text: as it is, URL-encoded, JSON-escaped, and in base64 at any alignment.
 * A server under someone else's hand may echo the key back in whatever form it likes best; these are the likely ones.
 */
export function createKeyScrubber(key: string): (text: string) => string {
  if (key.length < SHORTEST) return (text) => text
  const forms = new Set([key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1), ...base64Forms(key)])
  const known = [...forms].filter((form) => form.length >= SHORTEST).toSorted((a, b) => b.length - a.length)
  return (text) => known.reduce((clean, form) => (clean.includes(form) ? clean.replaceAll(form, CUT) : clean), text)
}

/** The characters of a base64 text that depend on the key alone, for each of the three places it may start at. */
function base64Forms(key: string): string[] {
  const bytes = Buffer.from(key)
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replace(/=+$/, '')
    const start = Math.ceil((before * 8) / 6)
    const end = Math.floor(((before + bytes.length) * 8) / 6)
    const standard = text.slice(start, end)
    return [standard, standard.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
