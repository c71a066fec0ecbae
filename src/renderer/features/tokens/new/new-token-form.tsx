import { Anchor, Button, Group, Radio, Text, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState, type KeyboardEvent } from 'react'
import { rich } from '../../../lib/rich.ts'
import { t } from '../../../../contract/text/translate.ts'
import type { ConnectionRecord, TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { formField } from '../../../lib/field-labels.ts'
import { useHalfMinute } from '../../../lib/now.ts'
import { AccessSection } from './access-section.tsx'
import type { NewToken } from './created-token.tsx'
import { ExpiryField, LimitFields } from './expiry-and-limits.tsx'
import styles from './new-token.module.css'
import { PresetBar, type Start } from './preset-bar.tsx'
import { SavePreset } from './save-preset.tsx'
import {
  budgetOf,
  draftBudget,
  draftLike,
  draftProblems,
  grantAll,
  isDocument,
  presetGrants,
  ttlOf,
  type DraftField,
  type TokenDraft,
} from './token-draft.ts'
import { TokenSummary } from './token-summary.tsx'
import { useLeaveGuard } from '../../../ui/editing/use-leave-guard.tsx'

interface NewTokenFormProps {
  project: string
  tokens: readonly TokenRecord[]
  connections: readonly ConnectionRecord[]
  initial: TokenDraft
  like: string | null
  onCreated: (created: NewToken) => void
  onCancel: () => void
}

const FIELDS = [
  ['name', 'name'],
  ['grants', 'grants'],
  ['ttl', 'expiry'],
  ['rate', 'rate'],
  ['budget', 'budget'],
] as const satisfies readonly (readonly [string, DraftField])[]

export function NewTokenForm({ project, tokens, connections, initial, like, onCreated, onCancel }: NewTokenFormProps) {
  const { owner } = useApi()
  const [first] = useState(initial)
  const [draft, setDraft] = useState(first)
  const [copied, setCopied] = useState(like)
  const [touched, setTouched] = useState(false)
  const [limits, setLimits] = useState(first.rate !== '')
  const [saving, setSaving] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<{ field: DraftField | null; sentence: string } | null>(null)
  const set = (change: Partial<TokenDraft>): void => {
    setFailed(null)
    setDraft((before) => ({ ...before, ...change }))
  }
  const problems = draftProblems(
    draft,
    tokens.map(({ name }) => name),
    useHalfMinute(),
  )
  const problemOf = (field: DraftField): string | undefined =>
    failed?.field === field ? failed.sentence : touched ? problems[field] : undefined
  const changed = JSON.stringify(draft) !== JSON.stringify(first)
  const guard = useLeaveGuard(changed && !busy)

  const start = (from: Start): void => {
    setCopied(null)
    if (from === 'nothing') set({ grants: [] })
    else if (from === 'read') set({ grants: grantAll(connections, ['read']) })
    else set({ grants: grantAll(connections.filter(isDocument), ['read', 'write']) })
  }
  const create = async (): Promise<void> => {
    setTouched(true)
    if (Object.keys(problems).length > 0) {
      if (problems.rate !== undefined || problems.budget !== undefined) setLimits(true)
      return
    }
    setBusy(true)
    setFailed(null)
    const { budget } = budgetOf(draft)
    try {
      const { token, secret } = await owner.tokens.create({
        project,
        name: draft.name,
        kind: draft.kind,
        grants: draft.grants,
        ttl: ttlOf(draft),
        ...(draft.description === '' ? {} : { description: draft.description }),
        ...(draft.rate === '' ? {} : { rate: draft.rate }),
        ...(budget === null ? {} : { budget }),
        ...(draft.mode === null ? {} : { mode: draft.mode }),
        ...(draft.answerChars === null ? {} : { answer_chars: draft.answerChars }),
      })
      onCreated({ token, secret })
    } catch (thrown) {
      const { sentence, field } = callErrorOf(thrown)
      setFailed({ field: formField(FIELDS, field), sentence })
      setBusy(false)
    }
  }
  const onKeyDown = (event: KeyboardEvent<HTMLFormElement>): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit()
  }
  return (
    // Ctrl-Enter creates from any field, also from those in which Enter does something else.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      className={styles.form}
      noValidate
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault()
        void create()
      }}
    >
      <div className={styles.scroll}>
        <div className={styles.fields}>
          <div className={styles.pair}>
            <TextInput
              label={t`Name`}
              description={t`Shown in the log, for example report-agent`}
              value={draft.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
              onBlur={() => draft.name !== '' && setTouched(true)}
              error={problemOf('name')}
              autoComplete="off"
              spellCheck={false}
              // The page is opened to enter a name.
              // oxlint-disable-next-line jsx-a11y/no-autofocus
              autoFocus
            />
            <TextInput
              label={t`Description`}
              description={t`Optional, for example Monthly revenue report, Ada`}
              value={draft.description}
              maxLength={200}
              onChange={(event) => set({ description: event.currentTarget.value })}
            />
          </div>
          <Radio.Group
            label={t`Connects`}
            value={draft.kind}
            onChange={(kind) => set({ kind: kind === 'local' ? 'local' : 'access' })}
          >
            <Group gap="lg" mt={4}>
              <Radio value="local" label={t`Local client, no secret`} />
              <Radio value="access" label={t`With a secret, over HTTP`} />
            </Group>
          </Radio.Group>
          {connections.length === 0 ? (
            <Text size="sm">{rich`This project has no connections. ${<Anchor component={Link} to={`/projects/${project}/connections/new`} size="sm">{t`Add connection`}</Anchor>} first, or create the token without access.`}</Text>
          ) : (
            <>
              <PresetBar
                tokens={tokens}
                like={copied}
                onStart={start}
                onLike={(token) => {
                  setCopied(token.name)
                  setDraft((before) => draftLike(token, before))
                }}
                onPreset={(preset) => {
                  setCopied(null)
                  set({
                    grants: presetGrants(preset, connections),
                    ...(preset.ttl === null ? {} : { expiry: preset.ttl }),
                    rate: preset.rate ?? '',
                    budget: draftBudget(preset.budget ?? null),
                  })
                }}
              />
              <AccessSection
                connections={connections}
                grants={draft.grants}
                onChange={(grants) => set({ grants })}
                problem={problemOf('grants')}
              />
            </>
          )}
          <ExpiryField draft={draft} onChange={set} problem={problemOf('expiry')} />
          <LimitFields
            draft={draft}
            onChange={set}
            problem={problemOf('rate')}
            budgetProblem={problemOf('budget')}
            open={limits}
            onToggle={() => setLimits(!limits)}
          />
        </div>
        <TokenSummary draft={draft} />
      </div>
      <div className={styles.foot}>
        <Button
          variant="subtle"
          color="gray"
          disabled={draft.grants.length === 0}
          onClick={() => setSaving(true)}
        >{t`Save as preset…`}</Button>
        {failed !== null && failed.field === null && (
          <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
            {failed.sentence}
          </Text>
        )}
        <Button variant="default" onClick={onCancel}>{t`Cancel`}</Button>
        <Button data-writes type="submit" loading={busy}>{t`Create token`}</Button>
      </div>
      {saving && <SavePreset draft={draft} onClose={() => setSaving(false)} />}
      {guard}
    </form>
  )
}
