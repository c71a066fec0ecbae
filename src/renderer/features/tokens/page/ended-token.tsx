import { Button, Group, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { rich } from '../../../lib/rich.ts'
import { t } from '../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { Ago } from '../../../ui/instant.tsx'
import styles from './token-page.module.css'

/** Says that the token can no longer be changed, and offers a new one with the same settings. */
export function EndedToken({ token }: { token: TokenRecord }) {
  const navigate = useNavigate()
  const { project, name, status } = token
  return (
    <Group gap="xs" role="status" className={styles.notice}>
      <Text size="sm">
        {status === 'expired'
          ? rich`Expired ${<Ago instant={token.expires_at} />}. An ended token stays ended.`
          : rich`Revoked by you ${<Ago instant={token.revoked_at} />}. An ended token stays ended.`}
      </Text>
      <Button
        size="xs"
        variant="default"
        onClick={() =>
          void navigate({ to: '/projects/$project/tokens/new', params: { project }, search: { like: name } })
        }
      >{t`New token like this`}</Button>
    </Group>
  )
}
