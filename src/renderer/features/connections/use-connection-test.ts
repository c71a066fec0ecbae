import { useEffect, useRef, useState } from 'react'
import { useApi } from '../../lib/api.tsx'
import { formatDuration } from '../../lib/format.ts'
import { callErrorOf } from '../../lib/call-error.ts'

interface Outcome {
  ok: boolean
  sentence: string
}

/** Runs one connection test at a time. Canceling it leaves the connection's last known health unchanged. */
export function useConnectionTest(name: string) {
  const { owner } = useApi()
  const running = useRef<AbortController | null>(null)
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<Outcome | null>(null)

  useEffect(() => () => running.current?.abort(), [])

  const start = async (): Promise<void> => {
    const stop = new AbortController()
    running.current = stop
    setBusy(true)
    setOutcome(null)
    let result: Outcome
    try {
      const { ok, message, latency_ms: latency } = await owner.connections.test({ name }, { signal: stop.signal })
      result = { ok, sentence: ok ? `Connected in ${formatDuration(latency)}. ${message}` : message }
    } catch (thrown) {
      result = { ok: false, sentence: callErrorOf(thrown).sentence }
    }
    if (running.current !== stop || stop.signal.aborted) return
    running.current = null
    setBusy(false)
    setOutcome(result)
  }
  const cancel = (): void => {
    running.current?.abort()
    running.current = null
    setBusy(false)
  }
  return { running: busy, outcome, start, cancel }
}
