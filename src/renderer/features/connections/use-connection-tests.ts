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
  const single = useRef(new AbortController())
  const [running, setRunning] = useState<ReadonlySet<string>>(new Set())
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, TestOutcome>>(new Map())
  const [progress, setProgress] = useState<{ done: number; total: number } | null>(null)
  useEffect(() => {
    if (single.current.signal.aborted) single.current = new AbortController()
    return () => {
      stopping.current?.abort()
      single.current.abort()
    }
  }, [])

  const outcomeOf = async (name: string, signal: AbortSignal): Promise<TestOutcome> => {
    try {
      const { ok, message, latency_ms: latency } = await owner.connections.test({ name }, { signal })
      return { ok, sentence: ok ? t`Connected in ${formatDuration(latency)}. ${message}` : message }
    } catch (thrown) {
      return { ok: false, sentence: callErrorOf(thrown).sentence }
    }
  }

  const testOne = async (name: string, signal: AbortSignal): Promise<void> => {
    setRunning((known) => new Set(known).add(name))
    setOutcomes((known) => new Map([...known].filter(([one]) => one !== name)))
    const outcome = await outcomeOf(name, signal)
    if (signal.aborted) return
    setRunning((known) => new Set([...known].filter((one) => one !== name)))
    setOutcomes((known) => new Map(known).set(name, outcome))
  }

  /** Tests one connection, also while all are being tested. */
  const test = async (name: string): Promise<void> => {
    if (!running.has(name)) await testOne(name, single.current.signal)
  }

  const testAll = async (names: readonly string[]): Promise<void> => {
    stopping.current?.abort()
    const stop = new AbortController()
    stopping.current = stop
    const left = [...names]
    setProgress({ done: 0, total: names.length })
    const worker = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined && !stop.signal.aborted; name = left.shift()) {
        await testOne(name, stop.signal)
        if (stop.signal.aborted) return
        setProgress((known) => (known === null ? null : { ...known, done: known.done + 1 }))
      }
    }
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_TESTS, left.length) }, worker))
    if (stopping.current === stop) setProgress(null)
  }

  const stop = (): void => {
    stopping.current?.abort()
    stopping.current = null
    single.current.abort()
    single.current = new AbortController()
    setRunning(new Set())
    setProgress(null)
  }
  return { running, outcomes, progress, test, testAll, stop }
}
