import { UnstyledButton } from '@mantine/core'
import { IconBooks, IconFolderSymlink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../../contract/text/translate.ts'
import type { ConnectionKind } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { KIND_LABELS } from '../connection-kinds.ts'
import styles from './kind-choice.module.css'

interface KindChoiceProps<Kind> {
  project: string
  kinds: readonly Kind[]
  onChoose: (step: Kind | 'existing' | 'catalog') => void
}

export function KindChoice<Kind extends ConnectionKind>({ project, kinds, onChoose }: KindChoiceProps<Kind>) {
  const { query } = useApi()
  const { data: all } = useQuery(query.connections.list.queryOptions({ input: {} }))
  const others = all?.some(({ projects }) => !projects.includes(project)) ?? false
  return (
    <div className={styles.choices}>
      {kinds.map((kind, index) => {
        const { icon: Icon, label, what } = KIND_LABELS[kind]
        return (
          <UnstyledButton
            key={kind}
            className={styles.choice}
            onClick={() => onChoose(kind)}
            {...(index === 0 ? { 'data-autofocus': true } : {})}
          >
            <span className={styles.icon}>
              <Icon size={22} stroke={1.6} aria-hidden />
            </span>
            <span>
              <b>{label}</b>
              <small>{what}</small>
            </span>
          </UnstyledButton>
        )
      })}
      <UnstyledButton className={styles.choice} data-wide onClick={() => onChoose('catalog')}>
        <span className={styles.icon}>
          <IconBooks size={22} stroke={1.6} aria-hidden />
        </span>
        <span>
          <b>{t`Catalog`}</b>
          <small>{t`Known services, with everything but the secret filled in`}</small>
        </span>
      </UnstyledButton>
      {others && (
        <UnstyledButton className={styles.choice} data-wide onClick={() => onChoose('existing')}>
          <span className={styles.icon}>
            <IconFolderSymlink size={22} stroke={1.6} aria-hidden />
          </span>
          <span>
            <b>{t`Existing connection`}</b>
            <small>{t`Use a connection from another project`}</small>
          </span>
        </UnstyledButton>
      )}
    </div>
  )
}
