import { Alert, Button, Group, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useRouter } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { t } from '../../../../../contract/text/translate.ts'
import type { ConnectionConfig } from '../../../../../contract/owner-api/connections-api.ts'
import type { ConnectionRecord } from '../../../../../contract/records.ts'
import { useApi } from '../../../../lib/api.tsx'
import { callErrorOf, type CallError } from '../../../../lib/call-error.ts'
import { formField } from '../../../../lib/field-labels.ts'
import { formatMoment } from '../../../../lib/format.ts'
import { MONO } from '../../../../lib/form.ts'
import { useLeaveGuard } from '../../../../ui/editing/use-leave-guard.tsx'
import { KIND_LABELS, secretLocation } from '../../connection-kinds.ts'
import { SecretChoice, type SecretChoiceField } from '../../secret-choice.tsx'
import styles from '../connection-page.module.css'
import { useSaved } from '../../../../ui/use-saved.tsx'
import type { Editor } from './editors.tsx'
import { renameEffect } from '../connection-name.tsx'
import { mergeConfig } from './merge-config.ts'

interface SettingsFormProps<Config extends ConnectionConfig, Values extends { name: string }> {
  project: string
  connection: ConnectionRecord
  stored: Config
  editor: Editor<Config, Values>
  onEdited: (isEdited: boolean) => void
}

/** Tests what was edited and then saves it. If the test fails, the connection keeps its settings and the form its text. */
export function SettingsForm<Config extends ConnectionConfig, Values extends { name: string }>({
  project,
  connection,
  stored,
  editor,
  onEdited,
}: SettingsFormProps<Config, Values>) {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const router = useRouter()
  const saved = useSaved()
  /** The record and settings that the form is based on. */
  const [base, setBase] = useState({ connection, stored })
  const unedited = editor.valuesOf(base.stored, base.connection.name)
  const form = useForm<Values>({
    initialValues: unedited,
    validateInputOnChange: true,
    validate: editor.problems as never,
  })
  const [description, setDescription] = useState(base.connection.description)
  const secret = useRef<SecretChoiceField>(null)
  const [replacing, setReplacing] = useState(false)
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const { name } = base.connection
  const renamed = form.values.name !== name
  const isEdited = form.isDirty() || description !== base.connection.description || replacing
  const guard = useLeaveGuard(isEdited, true)
  useEffect(() => {
    onEdited(isEdited)
    return () => onEdited(false)
  }, [isEdited, onEdited])

  const save = async (values: Values): Promise<void> => {
    const given = replacing ? secret.current?.take() : undefined
    if (given === null || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const { connection: next } = await owner.connections.update({
        name,
        revision: base.connection.revision,
        set: {
          config: mergeConfig(base.stored, editor.configOf(unedited), editor.configOf(values)),
          ...(renamed ? { name: values.name } : {}),
          ...(description === base.connection.description ? {} : { description }),
          ...(given === undefined ? {} : { secret: given }),
        },
      })
      await show(next, name)
      // A secret that was replaced is gone.
      if (given === undefined) saved(() => restore(next))
    } catch (thrown) {
      place(callErrorOf(thrown))
    } finally {
      setBusy(false)
    }
  }
  /** Shows the settings in their page, which was that of `left`. Undoing them elsewhere leaves the owner where they are. */
  const show = async (next: ConnectionRecord, left: string): Promise<void> => {
    const config = (await owner.connections.config({ name: next.name })) as Config
    // Before the page moves to the new name, so that nothing asks about changes that are saved.
    flushSync(() => startFrom(next, config))
    queries.setQueryData(query.connections.get.queryOptions({ input: { name: next.name } }).queryKey, next)
    // The page of a connection that was renamed is at another address.
    if (left === next.name || !router.state.location.pathname.endsWith(`/connections/${left}`)) return
    await navigate({
      to: '/projects/$project/connections/$connection',
      params: { project, connection: next.name },
      search: { tab: 'settings' },
      replace: true,
    })
  }
  const restore = async ({ name: present, revision }: ConnectionRecord): Promise<void> => {
    const { connection: former, stored: config } = base
    const { name: formerName, description: formerDescription } = former
    const set = { ...(present === formerName ? {} : { name: formerName }), description: formerDescription, config }
    await show((await owner.connections.update({ name: present, revision, set })).connection, present)
  }
  const startFrom = (record: ConnectionRecord, config: Config): void => {
    setBase({ connection: record, stored: config })
    setDescription(record.description)
    form.setValues(editor.valuesOf(config, record.name))
    form.resetDirty()
    setReplacing(false)
  }
  /** Shows an error at its field. The engine asks for the secret if the settings would send it elsewhere. */
  const place = (error: CallError): void => {
    const api = error.field?.replace(/^set\./, '')
    if (api === 'secret') {
      flushSync(() => setReplacing(true))
      return secret.current?.showError(error)
    }
    const field = formField(editor.fields, api)
    if (field === null) return setProblem(error.sentence)
    form.setFieldError(field, error.sentence)
    form.getInputNode(field)?.focus()
  }
  const nameField = (
    <>
      <TextInput label={t`Name`} {...MONO} {...form.getInputProps('name')} />
      {renamed && <Text size="sm">{renameEffect(base.connection, form.values.name)}</Text>}
      <TextInput
        label={t`Description`}
        description={t`What the connection is for. Only you see it.`}
        maxLength={200}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
    </>
  )
  const isStale = connection.revision > base.connection.revision && connection.name === name
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        setTried(true)
        form.onSubmit(save, (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus())(event)
      }}
    >
      {guard}
      {isStale && (
        <Alert color="gray" variant="light" role="status">
          <Group justify="space-between">
            {t`This connection changed since you opened it.`}
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => startFrom(connection, stored)}
            >{t`Start over`}</Button>
          </Group>
        </Alert>
      )}
      {editor.render(form, nameField, tried)}
      {stored.kind !== 'sqlite' && (
        <SecretPart
          connection={base.connection}
          replacing={replacing}
          field={secret}
          onReplace={() => setReplacing(true)}
        />
      )}
      {problem !== null && (
        <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
          {problem}
        </Text>
      )}
      <Group gap="xs">
        <Button data-writes type="submit" loading={busy}>{t`Test and save`}</Button>
      </Group>
    </form>
  )
}

interface SecretPartProps {
  connection: ConnectionRecord
  replacing: boolean
  field: React.RefObject<SecretChoiceField | null>
  onReplace: () => void
}

function SecretPart({ connection, replacing, field, onReplace }: SecretPartProps) {
  const { name, kind, secret, secret_set_at: since } = connection
  const label = KIND_LABELS[kind].secret
  if (replacing) return <SecretChoice ref={field} label={label} />
  return (
    <Group gap="sm">
      <Text size="sm">
        {since === null
          ? `${label}: ${secretLocation(secret)}`
          : t`${label}: ${secretLocation(secret)} since ${formatMoment(since)}`}
      </Text>
      <Button
        size="xs"
        variant="default"
        onClick={onReplace}
        aria-label={secret === 'none' ? t`Add secret to ${name}` : t`Replace secret of ${name}`}
      >
        {secret === 'none' ? t`Add secret` : t`Replace secret`}
      </Button>
    </Group>
  )
}
