import { Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { t } from '../../../../../contract/text/translate.ts'
import type { OwnerChange } from '../../../../../contract/request-details.ts'
import type { Grant } from '../../../../../contract/grants.ts'
import type { TokenRecord } from '../../../../../contract/records.ts'
import { Dialog } from '../../../../ui/dialog.tsx'
import { ChangedFields } from '../../../log/request/changed-fields.tsx'
import { changeText, grantText } from '../grant-text.ts'
import { changesBetween, customMissing } from '../permission-grid.ts'
import styles from '../token-page.module.css'
import type { GrantsDraft } from '../use-grants-draft.ts'

/** Says that the token isn't the one that the draft is based on, and shows both. */
export function ChangedElsewhere({ token, draft }: { token: TokenRecord; draft: GrantsDraft }) {
  const [shown, setShown] = useState(false)
  const close = (): void => setShown(false)
  return (
    <Group gap="xs" role="alert" className={styles.notice}>
      <Text size="sm">{t`This token changed since you opened it.`}</Text>
      <Button size="xs" variant="default" onClick={() => setShown(true)}>{t`Show both`}</Button>
      <Button size="xs" variant="default" onClick={draft.startOver}>{t`Start over`}</Button>
      <Dialog opened={shown} onClose={close} title={t`Changes of ${token.name}`} size="lg">
        <div className={styles.both}>
          <Changes
            label={t`Changed elsewhere`}
            texts={changesOf(draft.base.grants, token.grants)}
            fields={changedFields(draft.base, token)}
          />
          <Changes label={t`Your changes`} texts={changesOf(draft.base.grants, draft.grants)} />
        </div>
        <Group justify="flex-end" gap="xs" mt="md">
          <Button
            variant="default"
            onClick={() => {
              draft.startOver()
              close()
            }}
          >{t`Start over`}</Button>
          <Button
            data-autofocus
            onClick={() => {
              draft.rebase()
              close()
            }}
          >{t`Keep both`}</Button>
        </Group>
      </Dialog>
    </Group>
  )
}

/** Returns what differs, as lines. */
function changesOf(before: readonly Grant[], after: readonly Grant[]): string[] {
  const custom =
    (sign: string) =>
    (grant: Grant): string =>
      `${sign} ${grant.connection}: ${grantText(grant)}`
  return [
    ...changesBetween(before, after).map(changeText),
    ...customMissing(before, after).map(custom('−')),
    ...customMissing(after, before).map(custom('+')),
  ]
}

/** Returns what differs besides the grants, or null. */
function changedFields(before: TokenRecord, after: TokenRecord): OwnerChange | null {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  const names = Object.keys({ ...was, ...is }).filter((name) => was[name] !== is[name])
  if (names.length === 0) return null
  const side = (fields: Fields): Fields => Object.fromEntries(names.map((name) => [name, fields[name] ?? null]))
  return { before: side(was), after: side(is) }
}

type Fields = Record<string, string | number | boolean | null>

function fieldsOf(token: TokenRecord): Fields {
  const { description, rate, mode, answer_chars, expires_at, paused, budget } = token
  const budgets = Object.entries(budget ?? {}).map(([unit, limit]) => [`budget.${unit}`, limit])
  return {
    description: description === '' ? null : description,
    rate,
    mode,
    answer_chars,
    expires_at,
    paused,
    ...Object.fromEntries(budgets),
  }
}

interface ChangesProps {
  label: string
  texts: readonly string[]
  fields?: OwnerChange | null
}

function Changes({ label, texts, fields = null }: ChangesProps) {
  return (
    <section aria-label={label}>
      <Text fw={600} size="sm">
        {label}
      </Text>
      {fields !== null && <ChangedFields change={fields} />}
      {texts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t`No permission changes.`}
        </Text>
      ) : (
        <ul>
          {texts.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </section>
  )
}
