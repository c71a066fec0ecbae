import { Text } from '@mantine/core'
import styles from './connect.module.css'

/** Lines of a unified diff, told apart by their sign and not by colour alone. Values of other entries come hidden from the engine. */
export function ConfigDiff({ text }: { text: string }) {
  if (text === '')
    return (
      <Text size="sm" c="dimmed">
        Nothing would change: the file says it already.
      </Text>
    )
  const lines = text.replace(/\n$/, '').split('\n')
  const body = lines.findIndex((line) => line.startsWith('@@'))
  return (
    <pre
      className={styles.diff}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long text scrolls, so the keyboard must reach it
      tabIndex={0}
      role="region"
      aria-label="What changes: lines with + are added, lines with - are taken out"
    >
      {lines.slice(Math.max(body, 0)).map((line, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines have no name but their place
        <span key={index} className={styles.line} data-sign={line[0]}>
          {line === '' ? ' ' : line}
        </span>
      ))}
    </pre>
  )
}
