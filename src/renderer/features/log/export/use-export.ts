import { useEffect, useRef, useState } from 'react'
import type { RequestFilter } from '../../../../contract/owner-api/requests-api.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { collectExport, exportName, type ExportFormat } from './export-rows.ts'

type ExportState =
  | { doing: 'nothing' }
  | { doing: 'exporting'; rows: number }
  | { doing: 'saved'; rows: number; name: string }
  | { doing: 'failed'; sentence: string }

/** Exports the filtered rows as a file. Runs one export at a time, and cancels it when the screen is left. */
export function useExport(project: string | undefined) {
  const { owner } = useApi()
  const [state, setState] = useState<ExportState>({ doing: 'nothing' })
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const start = async (filter: RequestFilter, format: ExportFormat): Promise<void> => {
    running.current?.abort()
    const leaving = new AbortController()
    running.current = leaving
    setState({ doing: 'exporting', rows: 0 })
    try {
      const { content, rows } = await collectExport(owner.requests.export, filter, format, leaving.signal, (count) => {
        // What still arrives of a canceled export says nothing of the one that was started after it.
        if (running.current === leaving) setState({ doing: 'exporting', rows: count })
      })
      leaving.signal.throwIfAborted()
      const name = exportName(project, format, new Date())
      save(content, name)
      setState({ doing: 'saved', rows, name })
    } catch (thrown) {
      if (running.current === leaving)
        setState(
          leaving.signal.aborted ? { doing: 'nothing' } : { doing: 'failed', sentence: callErrorOf(thrown).sentence },
        )
    }
  }
  return { state, start, cancel: () => running.current?.abort(), dismiss: () => setState({ doing: 'nothing' }) }
}

function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // By now the download has started and the URL is no longer needed.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
