import { CopyButton } from './copy-button.tsx'
import styles from './snippet.module.css'

/** A text to carry elsewhere, as it stands, with its button to copy. Holds no secret: it stays in the page. */
export function Snippet({ label, text }: { label: string; text: string }) {
  return (
    <figure className={styles.snippet} aria-label={label}>
      <figcaption className={styles.caption}>
        <span>{label}</span>
        <CopyButton text={() => text} size="compact-xs" aria-label={`Copy: ${label}`} />
      </figcaption>
      {/* A long line scrolls sideways, so the block can be reached by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.text} tabIndex={0}>
        {text}
      </pre>
    </figure>
  )
}
