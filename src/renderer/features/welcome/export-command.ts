interface ExportValues {
  proxyUrl: string
  token: string
  table: string
  windows: boolean
}

/** Runs the example script with a session token, as it stands, in the folder of Hallpass. */
export function exportCommand({ proxyUrl, token, table, windows }: ExportValues): string {
  if (windows)
    return `$env:HALLPASS_TOKEN = '${token}'; $env:HALLPASS_PROXY_URL = '${proxyUrl}'; python examples/export.py ${powershellWord(table)}`
  return `HALLPASS_TOKEN=${token} HALLPASS_PROXY_URL=${proxyUrl} python3 examples/export.py ${shellWord(table)}`
}

/** A table's name is the document's own text: it must not become a command. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function powershellWord(text: string): string {
  return /^[A-Za-z0-9_]+$/.test(text) ? text : `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
}
