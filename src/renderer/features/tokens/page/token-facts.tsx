import { Anchor, Button, Group, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { rich } from '../../../lib/rich.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { formatDay } from '../../../lib/format.ts'
import { useFailure } from '../../../ui/failure.tsx'
import { Ago } from '../../../ui/instant.tsx'
import { useSaved } from '../../../ui/use-saved.tsx'
import { TokenState } from '../token-state.tsx'
import styles from './token-page.module.css'

interface TokenFactsProps {
  token: TokenRecord
  /** False while permissions are being changed: a change of the rest would make them outdated. */
  editable: boolean
  onExtend: () => void
}

/** What the token is for, its state and when it expires. */
export function TokenFacts({ token, editable, onExtend }: TokenFactsProps) {
  const active = token.status === 'active'
  const expires = active && token.expires_at !== null
  return (
    <div className={styles.facts}>
      <Description token={token} editable={active && editable} />
      <Group gap="4px 16px">
        <Anchor
          component={Link}
          to={`/projects/${token.project}/tokens`}
          size="sm"
          c="dimmed"
        >{t`Agents & tokens`}</Anchor>
        <TokenState token={token} />
        {expires && (
          <span>
            {t`Expires ${formatDay(token.expires_at ?? '')}`}{' '}
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
        {token.prefix !== null && <span className="hp-mono">{token.prefix}</span>}
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
  const failure = useFailure()
  const [typed, setTyped] = useState<string | null>(null)
  const { project, name, description, revision } = token
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const text = typed ?? ''
    try {
      const update = await owner.tokens.update({ project, name, revision, set: { description: text } })
      setTyped(null)
      const undo = { project, name, revision: update.token.revision, set: { description } }
      saved(() => owner.tokens.update(undo))
    } catch (thrown) {
      failure(thrown)
    }
  }
  if (typed === null || !editable)
    return (
      <Group gap="xs">
        {description !== '' && <span>{description}</span>}
        {editable && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            onClick={() => setTyped(description)}
            aria-label={description === '' ? t`Add description` : t`Edit description`}
          >
            {description === '' ? t`Add description` : t`Edit`}
          </Button>
        )}
      </Group>
    )
  return (
    <form onSubmit={(event) => void save(event)}>
      <Group gap="xs">
        <TextInput
          size="xs"
          w={320}
          aria-label={t`Description`}
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && setTyped(null)}
          // It takes the place of the button that was pressed.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
        />
        <Button size="compact-sm" type="submit" variant="default">{t`Save`}</Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setTyped(null)}>{t`Cancel`}</Button>
      </Group>
    </form>
  )
}
