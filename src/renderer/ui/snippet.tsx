import { t } from '../../contract/text/translate.ts'
import { CopyButton } from './copying/copy-button.tsx'
import styles from './snippet.module.css'

/** A text with a copy button. It must not contain a secret, because it stays in the page. */
export function Snippet({ label, text }: { label: string; text: string }) {
  return (
    <figure className={styles.snippet} aria-label={label}>
      <figcaption className={styles.caption}>
        <span>{label}</span>
        <CopyButton text={() => text} size="compact-xs" aria-label={t`Copy: ${label}`} />
      </figcaption>
      {/* Long lines scroll horizontally, so the block must be focusable. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.text} tabIndex={0}>
        {text}
      </pre>
    </figure>
  )
}
