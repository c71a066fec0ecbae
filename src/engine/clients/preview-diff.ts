import { createTwoFilesPatch } from 'diff'
import { editorOf } from './config-editors.ts'
import type { KnownClient } from './known-clients.ts'

const CONTEXT_LINES = 3

export interface Side {
  /** Null where there is no file. */
  text: string | null
  /** Whether the entry may be shown as it stands: it holds nothing but what Hallpass writes. */
  showEntry: boolean
}

/**
 * The lines that differ, as a unified diff; empty when none does. Values outside of the entry are hidden before the texts are compared:
 * a client's configuration holds the secrets of its other servers.
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
  // The library sets an index line and a ruler above, which are no part of a unified diff.
  return patch.slice(patch.indexOf('--- '))
}
