import type { ConfigurationChange } from '../../contract/configuration.ts'
import { printable } from '../../engine/text/visible-text.ts'

/** Returns the changes as a unified diff, one file per record. */
export async function changesText(changes: readonly ConfigurationChange[]): Promise<string> {
  const [{ createTwoFilesPatch }, { stringify }] = await Promise.all([import('diff'), import('../output/yaml-text.ts')])
  // The order of keys in a file is no difference.
  const yaml = (entry: Record<string, unknown> | null): string =>
    entry === null ? '' : stringify(entry, { sortMapEntries: true })
  return changes
    .map(({ kind, name, before, after }) => {
      const label = kind === 'settings' ? 'settings' : `${kind}/${name}`
      const [old, next] = [before === null ? '/dev/null' : label, after === null ? '/dev/null' : label]
      return createTwoFilesPatch(old, next, yaml(before), yaml(after), undefined, undefined, { context: 3 })
        .split('\n')
        .filter((line) => !/^(=+$|Index: )/.test(line))
        .map((line) => printable(line))
        .join('\n')
    })
    .join('')
}

/** Returns the command lines that new and changed MCP servers would run, which the owner should see first. */
export function commandLines(changes: readonly ConfigurationChange[]): string[] {
  return changes.flatMap(({ kind, after }) => {
    const command = kind === 'connection' ? after?.['command'] : undefined
    const args = after?.['args']
    return typeof command === 'string' ? [commandText(command, Array.isArray(args) ? args : [])] : []
  })
}

/** Returns a command with every word quoted, so that spaces in one are seen. */
export function commandText(command: string, args: readonly unknown[] = []): string {
  return [command, ...args].map((part) => JSON.stringify(part)).join(' ')
}
