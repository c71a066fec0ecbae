import type { ReactNode } from 'react'
import type { ToolFlag } from '../../../../../contract/upstreams/mcp-connection.ts'
import { warningLabel } from './tool-lists.ts'

/** A text whose suspicious parts are marked. Where flags overlap, the first one counts. */
export function FlaggedText({ text, flags }: { text: string; flags: readonly ToolFlag[] }) {
  const parts: ReactNode[] = []
  let at = 0
  for (const { kind, start, end } of flags) {
    if (start < at) continue
    parts.push(
      text.slice(at, start),
      <mark key={start} title={warningLabel(kind)}>
        {text.slice(start, end)}
      </mark>,
    )
    at = end
  }
  return (
    <>
      {parts}
      {text.slice(at)}
    </>
  )
}
