/** Returns `application/json` for `Application/JSON; charset=utf-8`. */
export function essenceOf(mediaType: string): string {
  return (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase()
}

export function isJsonType(mediaType: string): boolean {
  return /^[^/]+\/(?:[^/]+\+)?json$/.test(essenceOf(mediaType))
}

/** Returns true for text types, including JSON. */
export function isTextType(mediaType: string): boolean {
  const essence = essenceOf(mediaType)
  return (
    essence.startsWith('text/') ||
    isJsonType(essence) ||
    /[/+](?:xml|yaml|x-yaml|csv|x-ndjson|ndjson|jsonl|x-jsonlines|jsonlines|json-seq|geo\+json-seq|javascript|ecmascript|graphql|sql|toml|x-www-form-urlencoded|xhtml|soap|sparql-query|n-triples|x-sh|x-httpd-php|x-tex|x-subrip)$/.test(
      essence,
    )
  )
}

/** Returns true for `image/*`, `application/*+json` and `*` + `/*`, which aren't concrete content types. */
export function isMediaRange(mediaType: string): boolean {
  return essenceOf(mediaType).includes('*')
}

const SIGNATURES: readonly [bytes: readonly number[], offset: number, mediaType: string][] = [
  [[0x89, 0x50, 0x4e, 0x47], 0, 'image/png'],
  [[0xff, 0xd8, 0xff], 0, 'image/jpeg'],
  [[0x47, 0x49, 0x46, 0x38], 0, 'image/gif'],
  [[0x57, 0x45, 0x42, 0x50], 8, 'image/webp'],
  [[0x42, 0x4d], 0, 'image/bmp'],
  [[0x49, 0x49, 0x2a, 0x00], 0, 'image/tiff'],
  [[0x4d, 0x4d, 0x00, 0x2a], 0, 'image/tiff'],
  [[0x25, 0x50, 0x44, 0x46, 0x2d], 0, 'application/pdf'],
  [[0x50, 0x4b, 0x03, 0x04], 0, 'application/zip'],
  [[0x1f, 0x8b], 0, 'application/gzip'],
  [[0x57, 0x41, 0x56, 0x45], 8, 'audio/wav'],
  [[0x4f, 0x67, 0x67, 0x53], 0, 'audio/ogg'],
  [[0x66, 0x4c, 0x61, 0x43], 0, 'audio/flac'],
  [[0x49, 0x44, 0x33], 0, 'audio/mpeg'],
  [[0x66, 0x74, 0x79, 0x70], 4, 'video/mp4'],
]

/** Returns the type that the first bytes of a file show, or null. */
export function detectedType(bytes: Buffer): string | null {
  const found = SIGNATURES.find(([signature, offset]) => signature.every((byte, at) => bytes[offset + at] === byte))
  return found?.[2] ?? null
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/json': 'json',
  'text/csv': 'csv',
  'text/plain': 'txt',
  'audio/wav': 'wav',
  'audio/mpeg': 'mp3',
  'video/mp4': 'mp4',
}

/** Returns a file name with the extension that servers expect: `file.png`. */
export function fileNameFor(field: string, mediaType: string): string {
  const extension = EXTENSIONS[essenceOf(mediaType)]
  return extension === undefined ? field : `${field}.${extension}`
}
