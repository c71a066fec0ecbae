import { Button } from '@mantine/core'
import { plural, t } from '../../../contract/text/translate.ts'
import { formatMoment, formatNumber } from '../../lib/format.ts'
import type { LogSource, LogState } from './source/log-source.ts'
import styles from './log.module.css'
import type { useExport } from './export/use-export.ts'

interface LogFootProps {
  source: LogSource
  state: LogState
  paused: boolean
  exporting: ReturnType<typeof useExport>
}

/** Status line below the list: the number of rows, progress, and whether updates are paused. */
export function LogFoot({ source, state, paused, exporting }: LogFootProps) {
  return (
    <footer className={styles.foot}>
      {exporting.state.doing === 'nothing' ? (
        <Extent source={source} state={state} />
      ) : (
        <ExportProgress exporting={exporting} />
      )}
      <span className={styles.live} data-off={paused || !state.live || undefined} role="status">
        <svg viewBox="0 0 10 10" width={9} height={9} aria-hidden focusable="false">
          {paused ? (
            <path d="M1 1h3v8H1zM6 1h3v8H6z" fill="currentColor" />
          ) : (
            <circle
              cx={5}
              cy={5}
              r={3.6}
              fill={state.live ? 'currentColor' : 'none'}
              stroke="currentColor"
              strokeWidth={1.6}
            />
          )}
        </svg>
        {liveLabel(state, paused)}
      </span>
    </footer>
  )
}

function liveLabel(state: LogState, paused: boolean): string {
  if (state.phase === 'refused') return t`Not live`
  if (!state.live) return state.phase === 'starting' ? t`Connecting…` : t`Reconnecting…`
  if (!paused) return t`Live`
  return state.waiting === 0 ? t`Paused` : t`Paused · ${formatNumber(state.waiting)} new`
}

function Extent({ source, state }: { source: LogSource; state: LogState }) {
  const { look } = state
  if (state.phase !== 'ready') return <span className={styles['grow']} />
  if (look === null || look.doing === 'done')
    return <span className={styles['grow']}>{t`${plural(state.count, '# request', '# requests')}`}</span>
  const found = t`${plural(state.count, '# request', '# requests')} found`
  const back = look.scannedBackTo
  const searched = back === null ? found : t`${found} · searched back to ${formatMoment(back)}`
  return (
    <>
      <span className={styles['grow']} title={t`${plural(look.scannedRows, '# request', '# requests')} searched`}>
        {look.problem ?? searched}
      </span>
      {look.doing === 'looking' && (
        <Button size="compact-xs" variant="default" onClick={source.stopScan}>{t`Stop search`}</Button>
      )}
      {look.doing === 'waiting' && (
        <Button size="compact-xs" variant="default" onClick={source.resumeScan}>{t`Search older requests`}</Button>
      )}
    </>
  )
}

function ExportProgress({ exporting: { state, cancel, dismiss } }: { exporting: LogFootProps['exporting'] }) {
  switch (state.doing) {
    case 'nothing':
      return null
    case 'exporting':
      return (
        <>
          <span className={styles['grow']} role="status">
            {t`Exporting… ${plural(state.rows, '# request', '# requests')}`}
          </span>
          <Button size="compact-xs" variant="default" onClick={cancel}>{t`Cancel`}</Button>
        </>
      )
    case 'saved':
    case 'failed':
      return (
        <>
          <span className={styles['grow']} role="status">
            {state.doing === 'saved'
              ? t`Saved ${plural(state.rows, '# request', '# requests')} as ${state.name}`
              : state.sentence}
          </span>
          <Button size="compact-xs" variant="default" onClick={dismiss}>{t`Close`}</Button>
        </>
      )
  }
}
