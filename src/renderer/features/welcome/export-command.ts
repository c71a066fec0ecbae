interface ExportValues {
  proxyUrl: string
  token: string
  table: string
  windows: boolean
}

/** Returns a command that runs the example script with a session token in Hallpass's folder. */
export function exportCommand({ proxyUrl, token, table, windows }: ExportValues): string {
  if (windows)
    return `$env:HALLPASS_TOKEN = '${token}'; $env:HALLPASS_PROXY_URL = '${proxyUrl}'; python examples/export.py ${powershellWord(table)}`
  return `HALLPASS_TOKEN=${token} HALLPASS_PROXY_URL=${proxyUrl} python3 examples/export.py ${shellWord(table)}`
}

/** Quotes a table name, because it comes from the document and must not become a command. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function powershellWord(text: string): string {
  return /^[A-Za-z0-9_]+$/.test(text) ? text : `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
}
