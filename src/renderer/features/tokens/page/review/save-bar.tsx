import { Button, Text } from '@mantine/core'
import { plural, t } from '../../../../../contract/text/translate.ts'
import { changeText } from '../grant-text.ts'
import { changesBetween, customMissing } from '../permission-grid.ts'
import styles from '../token-page.module.css'
import type { GrantsDraft } from '../use-grants-draft.ts'

/** What isn't saved yet, with the way to save it. */
export function SaveBar({ draft, onReview }: { draft: GrantsDraft; onReview: () => void }) {
  const { grants, base, isStale, isUnchosen, startOver } = draft
  const removed = customMissing(base.grants, grants).length
  const changes = changesBetween(base.grants, grants)
  const texts = [
    ...changes.map(changeText),
    ...(removed === 0 ? [] : [`− ${t`${plural(removed, '# custom grant', '# custom grants')}`}`]),
  ]
  return (
    <div className={styles.bar} role="region" aria-label={t`Unsaved changes`}>
      <Text size="sm" className={styles.text}>
        {t`${plural(texts.length, '# change', '# changes')}:`} {texts.join(', ')}
        {isUnchosen && ` ${t`A limited connection has nothing chosen yet.`}`}
      </Text>
      <Button variant="default" onClick={startOver}>{t`Discard`}</Button>
      <Button data-key="mod-s" disabled={isStale || isUnchosen} onClick={onReview}>{t`Review and save`}</Button>
    </div>
  )
}
