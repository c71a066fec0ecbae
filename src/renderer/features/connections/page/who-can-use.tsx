import { Anchor, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { t } from '../../../../contract/text/translate.ts'
import { PERMISSIONS } from '../../../../contract/grants.ts'
import { useApi } from '../../../lib/api.tsx'
import { Loading } from '../../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../../ui/loading/skeleton-rows.tsx'
import { grantText } from '../../tokens/page/grant-text.ts'
import styles from './connection-page.module.css'

const EXTENTS = { all: `✓ ${t`All`}`, limited: `◐ ${t`Limited`}`, none: '–' } as const

/** Tokens by permission, as a request would be decided. */
export function WhoCanUse({ name }: { name: string }) {
  const { query } = useApi()
  const access = useQuery(query.connections.access.queryOptions({ input: { name }, staleTime: 0 }))
  return (
    <Loading query={access} skeleton={<SkeletonRows rows={4} height={36} head />}>
      {(rows) =>
        rows.length === 0 ? (
          <Text size="sm" c="dimmed">{t`No active token can use it.`}</Text>
        ) : (
          <table className={styles.access} aria-label={t`Tokens that can use ${name}`}>
            <thead>
              <tr>
                <th>{t`Token`}</th>
                <th>{t`Project`}</th>
                <th>{t`Read`}</th>
                <th>{t`Write`}</th>
                <th>{t`Schema`}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ project, token, grants, ...extents }) => (
                <tr key={`${project}/${token}`} title={grants.map(grantText).join('; ')}>
                  <td>
                    <Anchor
                      fz="inherit"
                      renderRoot={(root) => (
                        <Link {...root} to="/projects/$project/tokens/$token" params={{ project, token }} />
                      )}
                    >
                      {token}
                    </Anchor>
                  </td>
                  <td>{project}</td>
                  {PERMISSIONS.map((permission) => (
                    <td key={permission}>{EXTENTS[extents[permission]]}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </Loading>
  )
}
