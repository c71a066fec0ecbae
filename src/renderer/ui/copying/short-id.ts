const SHOWN = 8
/** A session token's label and the random rest of its ID. */
const SESSION_ID = /^(?<label>.+-)(?<random>[0-9a-f]{12})$/
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/** Returns the first 8 characters of an ID. A session token's keeps its label: "import-7c2e41d7". */
export function shortId(id: string): string {
  const { label = '', random = id } = (UUID.test(id) ? null : SESSION_ID.exec(id)?.groups) ?? {}
  return `${label}${random.slice(0, SHOWN)}`
}
