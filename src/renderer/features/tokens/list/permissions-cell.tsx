import { Popover, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { grantText } from '../page/grant-text.ts'
import { accessLines } from './access-summary-line.ts'
import styles from './tokens.module.css'

/** How much a token can do. Every grant is listed in full under the pointer, or on Enter. */
export function PermissionsCell({ token }: { token: TokenRecord }) {
  const [shown, setShown] = useState<'hover' | 'pinned' | null>(null)
  const [counts, places] = accessLines(token.grants)
  if (token.grants.length === 0) return <span className={styles.dim}>{counts}</span>
  return (
    <Popover
      opened={shown !== null}
      onChange={(opened) => setShown(opened ? 'pinned' : null)}
      position="bottom-start"
      shadow="md"
      trapFocus={shown === 'pinned'}
      returnFocus={shown === 'pinned'}
      withinPortal
    >
      <Popover.Target>
        <UnstyledButton
          className={styles.permissions}
          onMouseEnter={() => setShown((was) => was ?? 'hover')}
          onMouseLeave={() => setShown((was) => (was === 'hover' ? null : was))}
          onClick={() => setShown((was) => (was === 'pinned' ? null : 'pinned'))}
        >
          <span className={styles.cut}>{counts}</span>
          <span className={styles.second}>{places}</span>
          <span className="hp-hidden">{t`Show all permissions of ${token.name}`}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={styles.grants} aria-label={t`Permissions of ${token.name}`}>
        {/* The list scrolls, so it must be focusable. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <ul tabIndex={0}>
          {token.grants.map((grant) => (
            <li key={`${grant.connection} ${grantText(grant)}`}>
              <b>{grant.connection}</b>: {grantText(grant)}
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  )
}
