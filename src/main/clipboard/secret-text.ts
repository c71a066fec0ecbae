interface TextClipboard {
  readText(): string | Promise<string>
  writeText(text: string): void | Promise<void>
  clear(): void | Promise<void>
}

/** Electron's ClipboardItem, which older versions don't have. */
type ItemType<Item> = new (items: Record<string, string | Blob>) => Item

/**
 * Formats that keep a text out of the clipboard history, cloud clipboards and clipboard managers, per system: Windows'
 * "Cloud Clipboard and Clipboard History Formats", nspasteboard.org on macOS, KDE's hint on Linux.
 */
const MARKS: Partial<Record<NodeJS.Platform, Record<string, string>>> = {
  win32: {
    ExcludeClipboardContentFromMonitorProcessing: '\0\0\0\0',
    CanIncludeInClipboardHistory: '\0\0\0\0',
    CanUploadToCloudClipboard: '\0\0\0\0',
  },
  darwin: { 'org.nspasteboard.ConcealedType': '' },
  linux: { 'x-kde-passwordManagerHint': 'secret' },
}

/** Returns the formats of a clipboard item with a secret text, by MIME type. */
export function secretFormats(text: string, platform: NodeJS.Platform): Record<string, string | Blob> {
  const marks = Object.entries(MARKS[platform] ?? {}).map(([name, value]) => [
    `electron application/osclipboard;format="${name}"`,
    new Blob([value]),
  ])
  return { 'text/plain': text, ...Object.fromEntries(marks) }
}

/** Returns a clipboard whose `writeText` keeps the text out of the history, if Electron supports that. */
export function withSecretText<Item>(
  clipboard: TextClipboard & { write?(items: Item[]): unknown },
  platform: NodeJS.Platform,
  Item: ItemType<Item> | undefined,
): TextClipboard {
  return {
    readText: () => clipboard.readText(),
    clear: () => clipboard.clear(),
    async writeText(text) {
      if (Item !== undefined && clipboard.write !== undefined) {
        try {
          await clipboard.write([new Item(secretFormats(text, platform))])
          return
        } catch {
          // Without such a format, the text is still copied, because the user asked for it.
        }
      }
      await clipboard.writeText(text)
    },
  }
}
