import { Kbd, Text } from '@mantine/core'
import { Dialog } from '../../ui/dialog.tsx'
import { Link } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'
import { rich } from '../../lib/rich.ts'
import styles from './key-list.module.css'
import type { KeyHelp } from './screen-keys.ts'

/** The keys that work on the screen below. */
export function KeyList({ keys, onClose }: { keys: readonly KeyHelp[]; onClose: () => void }) {
  return (
    <Dialog opened onClose={onClose} title={t`Keyboard shortcuts`} size="lg">
      <ul className={styles.keys}>
        {keys.map(({ keys: pressed, label }) => (
          <li key={pressed.join(' ')}>
            <span>{label}</span>
            <span className={styles.pressed}>
              {pressed.map((key) => (
                <Kbd key={key} size="xs">
                  {key}
                </Kbd>
              ))}
            </span>
          </li>
        ))}
      </ul>
      <Text size="sm" c="dimmed" mt="md">
        {rich`You can turn off single letters in ${(
          <Link to="/settings" onClick={onClose} style={{ color: 'inherit' }}>{t`Settings`}</Link>
        )}.`}
      </Text>
    </Dialog>
  )
}
