import { Popover, UnstyledButton } from '@mantine/core'
import { useEffect, useId, useRef, useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { LateTarget } from '../../../ui/late/late-target.tsx'
import { useLate } from '../../../ui/late/use-late.ts'
import { grantText } from '../page/grant-text.ts'
import { accessLines } from './access-summary-line.ts'
import styles from './tokens.module.css'

/** How much a token can do. Every grant is listed in full under the pointer, or on Enter. */
export function PermissionsCell({ token }: { token: TokenRecord }) {
  const id = useId()
  const summary = useRef<HTMLButtonElement>(null)
  const [shown, setShown] = useState<'hover' | 'pinned' | null>(null)
  const { isMounted, isOpen } = useLate(shown !== null)
  const isHovered = shown === 'hover'
  useEffect(() => {
    if (!isHovered) return undefined
    // On hover the focus is elsewhere, so the popover hears no keys.
    const hide = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') setShown(null)
    }
    window.addEventListener('keydown', hide)
    return () => window.removeEventListener('keydown', hide)
  }, [isHovered])
  const [counts, places] = accessLines(token.grants)
  if (token.grants.length === 0) return <span className={styles.dim}>{counts}</span>
  return (
    <>
      <UnstyledButton
        ref={summary}
        id={id}
        className={styles.permissions}
        aria-haspopup="dialog"
        aria-expanded={isOpen && !isHovered}
        aria-controls={isOpen && !isHovered ? `${id}-dropdown` : undefined}
        onMouseEnter={() => setShown((was) => was ?? 'hover')}
        onMouseLeave={() => setShown((was) => (was === 'hover' ? null : was))}
        onClick={() => setShown((was) => (was === 'pinned' ? null : 'pinned'))}
      >
        <span className={styles.cut}>{counts}</span>
        <span className={styles.second}>{places}</span>
        <span className="hp-hidden">{t`Show all permissions of ${token.name}`}</span>
      </UnstyledButton>
      {isMounted && (
        <Popover
          id={id}
          opened={isOpen}
          onChange={(opened) => setShown(opened ? 'pinned' : null)}
          position="bottom-start"
          shadow="md"
          trapFocus={shown === 'pinned'}
          returnFocus={shown === 'pinned'}
          withinPortal
        >
          <Popover.Target>
            <LateTarget element={summary} />
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
      )}
    </>
  )
}
