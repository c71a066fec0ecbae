import { useEffect, useRef, useState } from 'react'

/** What a screen shows while it loads: nothing at first, then a skeleton, then also a way to try again. */
type LoadingPhase = 'early' | 'skeleton' | 'slow' | 'done'

const SKELETON_AFTER_MS = 150
const SKELETON_AT_LEAST_MS = 300
const SLOW_AFTER_MS = 4000

/** Returns the phase. A skeleton that was shown stays for a moment, so that it doesn't flash. */
export function useLoadingPhase(loading: boolean): LoadingPhase {
  const [phase, setPhase] = useState<LoadingPhase>(loading ? 'early' : 'done')
  const shownAt = useRef<number | null>(null)
  useEffect(() => {
    const later = (milliseconds: number, next: LoadingPhase) => setTimeout(() => setPhase(next), milliseconds)
    if (loading) {
      const timers = [
        setTimeout(() => {
          shownAt.current ??= performance.now()
          setPhase('skeleton')
        }, SKELETON_AFTER_MS),
        later(SLOW_AFTER_MS, 'slow'),
      ]
      return () => timers.forEach(clearTimeout)
    }
    const since = shownAt.current === null ? SKELETON_AT_LEAST_MS : performance.now() - shownAt.current
    shownAt.current = null
    const timer = later(Math.max(0, SKELETON_AT_LEAST_MS - since), 'done')
    return () => clearTimeout(timer)
  }, [loading])
  if (!loading && phase === 'early') return 'done'
  return loading && phase === 'done' ? 'early' : phase
}
