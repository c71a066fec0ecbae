import { useEffect, useRef, useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { formatDuration } from '../../lib/format.ts'
import { callErrorOf } from '../../lib/call-error.ts'

interface TestOutcome {
  ok: boolean
  sentence: string
}

/** Tests that run at the same time. */
const CONCURRENT_TESTS = 8

/** Tests connections, several at a time. Stopping leaves the last known health of the others unchanged. */
export function useConnectionTests() {
  const { owner } = useApi()
  const stopping = useRef<AbortController | null>(null)
  const [running, setRunning] = useState<ReadonlySet<string>>(new Set())
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, TestOutcome>>(new Map())
  const [progress, setProgress] = useState<{ done: number; total: number } | null>(null)
  useEffect(() => () => stopping.current?.abort(), [])

  const outcomeOf = async (name: string, signal: AbortSignal): Promise<TestOutcome> => {
    try {
      const { ok, message, latency_ms: latency } = await owner.connections.test({ name }, { signal })
      return { ok, sentence: ok ? t`Connected in ${formatDuration(latency)}. ${message}` : message }
    } catch (thrown) {
      return { ok: false, sentence: callErrorOf(thrown).sentence }
    }
  }

  const test = async (names: readonly string[]): Promise<void> => {
    stopping.current?.abort()
    const stop = new AbortController()
    stopping.current = stop
    // Those that ran before were aborted.
    setRunning(new Set())
    const left = [...names]
    setOutcomes((known) => new Map([...known].filter(([name]) => !names.includes(name))))
    setProgress({ done: 0, total: names.length })
    const worker = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined && !stop.signal.aborted; name = left.shift()) {
        const current = name
        setRunning((known) => new Set(known).add(current))
        const outcome = await outcomeOf(current, stop.signal)
        if (stop.signal.aborted) return
        setRunning((known) => new Set([...known].filter((one) => one !== current)))
        setOutcomes((known) => new Map(known).set(current, outcome))
        setProgress((known) => (known === null ? null : { ...known, done: known.done + 1 }))
      }
    }
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_TESTS, left.length) }, worker))
    if (stopping.current === stop) setProgress(null)
  }
  const stop = (): void => {
    stopping.current?.abort()
    stopping.current = null
    setRunning(new Set())
    setProgress(null)
  }
  return { running, outcomes, progress, test, stop }
}
