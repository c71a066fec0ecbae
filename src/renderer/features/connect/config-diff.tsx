import { Text } from '@mantine/core'
import { t } from '../../../contract/text/translate.ts'
import styles from './connect.module.css'

/**
 * A unified diff. Lines are distinguished by their sign, not only by color. The engine hides values of other entries.
 */
export function ConfigDiff({ text }: { text: string }) {
  if (text === '') return <Text size="sm" c="dimmed">{t`No changes needed.`}</Text>
  const lines = text.replace(/\n$/, '').split('\n')
  const body = lines.findIndex((line) => line.startsWith('@@'))
  return (
    <pre
      className={styles.diff}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long text scrolls, so it must be focusable
      tabIndex={0}
      role="region"
      aria-label={t`Changes: lines with + are added, lines with - are removed`}
    >
      {lines.slice(Math.max(body, 0)).map((line, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines have no ID other than their position
        <span key={index} className={styles.line} data-sign={line[0]}>
          {line === '' ? ' ' : line}
        </span>
      ))}
    </pre>
  )
}
