import { Button } from '@mantine/core'
import { plural, t } from '../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { formatNumber } from '../../../lib/format.ts'
import styles from './tokens.module.css'

interface FootProps {
  shown: number
  total: number
  selected: readonly TokenRecord[]
  onPause: (tokens: readonly TokenRecord[], paused: boolean) => void
  onBulk: (action: 'extend' | 'revoke') => void
  onClear: () => void
}

/** How many tokens there are, and what can be done to the selected ones. */
export function SelectionFoot({ shown, total, selected, onPause, onBulk, onClear }: FootProps) {
  const active = selected.filter(({ status }) => status === 'active')
  const allPaused = active.length > 0 && active.every(({ paused }) => paused)
  const off = active.length === 0
  const counts =
    shown === total
      ? t`${plural(total, '# token', '# tokens')}`
      : t`${formatNumber(shown)} of ${plural(total, '# token', '# tokens')}`
  return (
    <footer className={styles.foot}>
      <span aria-live="polite">
        {selected.length > 0 ? t`${counts}, ${formatNumber(selected.length)} selected` : counts}
      </span>
      {selected.length > 0 && (
        <>
          <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>{t`Clear selection`}</Button>
          <Button
            data-writes
            size="compact-sm"
            variant="default"
            disabled={off}
            onClick={() => onPause(active, !allPaused)}
          >
            {allPaused ? t`Resume` : t`Pause`}
          </Button>
          <Button
            data-writes
            size="compact-sm"
            variant="default"
            disabled={off}
            onClick={() => onBulk('extend')}
          >{t`Extend…`}</Button>
          <Button
            data-writes
            size="compact-sm"
            variant="default"
            disabled={off}
            onClick={() => onBulk('revoke')}
          >{t`Revoke…`}</Button>
        </>
      )}
    </footer>
  )
}
