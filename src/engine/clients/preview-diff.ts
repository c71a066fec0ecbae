import { createTwoFilesPatch } from 'diff'
import { editorOf } from './config-editors.ts'
import type { KnownClient } from './client-folders.ts'

const CONTEXT_LINES = 3

export interface Side {
  /** Null if the file doesn't exist. */
  text: string | null
  /** True if the entry can be shown, because it contains only what Hallpass writes. */
  showEntry: boolean
}

/**
 * Returns a unified diff, empty if nothing differs. Values outside of the entry are hidden before the comparison, because a client's
 * configuration contains the secrets of its other servers.
 */
export function previewDiff(client: KnownClient, name: string, path: string, before: Side, after: Side): string {
  if (before.text === after.text) return ''
  const editor = editorOf(client.format)
  const shown = ({ text, showEntry }: Side): string =>
    text === null ? '' : editor.mask(text, client.key, name, showEntry).replaceAll('\r\n', '\n')
  const [left, right] = [before.text === null ? '/dev/null' : path, after.text === null ? '/dev/null' : path]
  const patch = createTwoFilesPatch(left, right, shown(before), shown(after), undefined, undefined, {
    context: CONTEXT_LINES,
  })
  // The library starts with an index line and a ruler, which aren't part of a unified diff.
  return patch.slice(patch.indexOf('--- '))
}
