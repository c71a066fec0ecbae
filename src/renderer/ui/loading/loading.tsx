import { Button } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { useDeferredValue, type ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { callErrorOf } from '../../lib/call-error.ts'
import styles from './loading.module.css'
import { useLoadingPhase } from './use-loading-phase.ts'

interface LoadingProps<T> {
  query: Pick<UseQueryResult<T>, 'data' | 'error'> & { refetch: () => Promise<unknown> }
  /** Drawn in the final geometry, so that nothing moves when the content arrives. */
  skeleton: ReactNode
  children: (data: T) => ReactNode
}

/** Shows what a query returned. Until then a skeleton, and if it failed the engine's sentence with a way to try again. */
export function Loading<T>({ query, skeleton, children }: LoadingProps<T>) {
  const { data, error, refetch } = query
  const failed = data === undefined && error !== null
  const phase = useLoadingPhase(data === undefined && !failed)
  const isComplete = data !== undefined && phase === 'done'
  // What arrives is drawn in small steps. Otherwise a large screen would be one long task.
  const isDrawn = useDeferredValue(isComplete)
  const again = (): void => void refetch()
  if (failed) return <LoadError sentence={callErrorOf(error).sentence} onRetry={again} />
  if (isComplete && isDrawn) return children(data)
  return (
    <div className={styles.loading} aria-busy>
      {/* It takes its place before it is seen, so that nothing moves when it appears. */}
      <div style={{ visibility: phase === 'early' ? 'hidden' : 'visible' }}>{skeleton}</div>
      {phase === 'slow' && (
        <div className={styles.slow} role="status">
          <span>{t`Still loading`}</span>
          <Button size="compact-xs" variant="default" onClick={again}>{t`Try again`}</Button>
        </div>
      )}
    </div>
  )
}

/** In place of what failed. The rest of the screen works. */
function LoadError({ sentence, onRetry }: { sentence: string; onRetry: () => void }) {
  return (
    <div className={styles.failed} role="alert">
      <span>{sentence}</span>
      <Button size="compact-sm" variant="default" onClick={onRetry}>{t`Try again`}</Button>
    </div>
  )
}
