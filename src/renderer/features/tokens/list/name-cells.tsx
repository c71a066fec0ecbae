import { Anchor, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { plural, t } from '../../../../contract/text/translate.ts'
import type { SessionRecord, TokenRecord } from '../../../../contract/records.ts'
import { ShortIdButton } from '../../../ui/copying/short-id-button.tsx'
import styles from './tokens.module.css'

export const KIND_NAMES = { access: t`Access token`, local: t`Local token`, oauth: t`Browser sign-in` } as const

interface TokenNameProps {
  token: TokenRecord
  sessions: number
  open: boolean
  onToggle: () => void
}

export function TokenName({ token, sessions, open, onToggle }: TokenNameProps) {
  const Chevron = open ? IconChevronDown : IconChevronRight
  return (
    <div className={styles.name}>
      <Anchor
        fw={600}
        fz="inherit"
        underline="hover"
        c="inherit"
        className={styles.cut}
        title={token.description === '' ? token.name : `${token.name}: ${token.description}`}
        renderRoot={(root) => (
          <Link
            {...root}
            to="/projects/$project/tokens/$token"
            params={{ project: token.project, token: token.name }}
          />
        )}
      >
        {token.name}
      </Anchor>
      {sessions === 0 ? (
        <span className={styles.second}>{KIND_NAMES[token.kind]}</span>
      ) : (
        <UnstyledButton
          className={styles.second}
          aria-expanded={open}
          aria-label={t`${plural(sessions, '# session token', '# session tokens')} of ${token.name}`}
          onClick={onToggle}
        >
          <Chevron size={12} aria-hidden /> {t`${plural(sessions, '# session token', '# session tokens')}`}
        </UnstyledButton>
      )}
    </div>
  )
}

/** Attempts with an ended token, with a link to them. */
interface StillTriedProps {
  token: TokenRecord
  tries: number
  /** False if there were more. */
  isExact: boolean
}

export function StillTried({ token: { project, name }, tries, isExact }: StillTriedProps) {
  return (
    <Anchor
      fz="inherit"
      c="inherit"
      underline="hover"
      className={styles.second}
      title={t`In the last 24 hours`}
      renderRoot={(root) => (
        <Link
          {...root}
          to="/projects/$project/log"
          params={{ project }}
          search={{ token: name, status: '401', time: '24h' }}
        />
      )}
    >
      {isExact
        ? t`still tried ${plural(tries, '# time', '# times')}`
        : t`still tried at least ${plural(tries, '# time', '# times')}`}
    </Anchor>
  )
}

export function SessionName({ session, nested }: { session: SessionRecord; nested: boolean }) {
  return (
    <div className={styles.name} data-nested={nested || undefined}>
      <ShortIdButton id={session.id} className={styles.cut} />
      <span className={styles.second}>{nested ? t`Session token` : t`Session token, created by you`}</span>
    </div>
  )
}
