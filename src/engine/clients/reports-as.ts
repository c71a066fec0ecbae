/** Names that clients report over MCP and that don't begin with their ID or name. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  'claude-desktop': ['claudeai'],
  vscode: ['visualstudiocode'],
  'copilot-cli': ['githubcopilot'],
}

/** Returns the ID of the client that reports this name, such as `cursor-vscode`, or null. */
export function clientReporting(reported: string, clients: readonly { id: string; name: string }[]): string | null {
  const sought = plain(reported)
  const matches = clients.flatMap(({ id, name }) =>
    [plain(id), plain(name), ...(OTHER_NAMES[id] ?? [])]
      .filter((known) => sought.startsWith(known))
      .map((known) => ({ id, length: known.length })),
  )
  // "Visual Studio Code" also begins with the name of Visual Studio.
  return matches.toSorted((one, other) => other.length - one.length)[0]?.id ?? null
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}
