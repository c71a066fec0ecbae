interface TextClipboard {
  readText(): string | Promise<string>
  writeText(text: string): void | Promise<void>
  clear(): void | Promise<void>
}

/** Electron's own item; older versions have none. */
type ItemType<Item> = new (items: Record<string, string | Blob>) => Item

/**
 * Marks by which a clipboard's history, its copy in the cloud and clipboard managers leave a text out, per system: Windows'
 * "Cloud Clipboard and Clipboard History Formats", nspasteboard.org for macOS, and KDE's hint for Linux.
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

/** Returns the formats of an item that holds a secret text, by MIME type. */
export function secretFormats(text: string, platform: NodeJS.Platform): Record<string, string | Blob> {
  const marks = Object.entries(MARKS[platform] ?? {}).map(([name, value]) => [
    `electron application/osclipboard;format="${name}"`,
    new Blob([value]),
  ])
  return { 'text/plain': text, ...Object.fromEntries(marks) }
}

/** Returns the clipboard with a `writeText` that keeps the text out of its history, where Electron can say so. */
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
          // A system that knows no such mark still gets the text: it was asked for.
        }
      }
      await clipboard.writeText(text)
    },
  }
}
