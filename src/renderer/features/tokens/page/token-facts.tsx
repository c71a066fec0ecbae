import { Button, Group } from '@mantine/core'
import { rich } from '../../../lib/rich.ts'
import { t } from '../../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { formatDay } from '../../../lib/format.ts'
import { Ago, Countdown } from '../../../ui/instant.tsx'
import { useSaved } from '../../../ui/use-saved.tsx'
import { KIND_NAMES } from '../list/name-cells.tsx'
import { TokenState } from '../token-state.tsx'
import { EditInPlace } from '../../../ui/editing/edit-in-place.tsx'
import styles from './token-page.module.css'

interface TokenFactsProps {
  token: TokenRecord
  /** False while permissions or limits are being changed: a change of the rest would make them outdated. */
  editable: boolean
  onExtend: () => void
}

/** What the token is for, its kind and state, and when it expires. */
export function TokenFacts({ token, editable, onExtend }: TokenFactsProps) {
  const active = token.status === 'active'
  return (
    <div className={styles.facts}>
      <Description token={token} editable={active && editable} />
      <Group gap="4px 16px">
        <span>
          {KIND_NAMES[token.kind]} {token.prefix !== null && <span className="hp-mono">{token.prefix}</span>}
        </span>
        {active && token.paused && <TokenState token={token} />}
        {active && (
          <span>
            {token.expires_at === null
              ? t`Never expires`
              : rich`${<Countdown before={t`Expires in`} expired={t`Expired`} instant={token.expires_at} />}, ${formatDay(token.expires_at)}`}{' '}
            {editable && (
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                onClick={onExtend}
                aria-label={t`Change expiry`}
              >{t`Change`}</Button>
            )}
          </span>
        )}
        <span>
          {token.last_used_at === null ? t`Never used` : rich`Last used ${<Ago instant={token.last_used_at} />}`}
        </span>
      </Group>
    </div>
  )
}

function Description({ token, editable }: { token: TokenRecord; editable: boolean }) {
  const { owner } = useApi()
  const saved = useSaved()
  const { project, name, description, revision } = token
  return (
    <EditInPlace
      label={t`Description`}
      value={description}
      maxLength={200}
      action={description === '' ? t`Add description` : t`Edit description`}
      editable={editable}
      onSave={async (text) => {
        const update = await owner.tokens.update({ project, name, revision, set: { description: text } })
        const undo = { project, name, revision: update.token.revision, set: { description } }
        saved(() => owner.tokens.update(undo))
      }}
    >
      {description !== '' && <span className={styles.text}>{description}</span>}
    </EditInPlace>
  )
}
