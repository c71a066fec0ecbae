import { Checkbox, SegmentedControl, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { t } from '../../../../../contract/text/translate.ts'
import { SecretChoice, type GivenSecret, type SecretChoiceField } from '../../secret-choice.tsx'
import { FormFoot } from '../form-foot.tsx'
import type { KindFormProps } from '../kind-form.ts'
import {
  EMPTY_MCP,
  mcpProblems,
  isRegistered,
  MCP_FIELDS,
  mcpConfig,
  usesSecret,
  commandParts,
  type McpValues,
} from './mcp-values.ts'
import { NameInput } from '../name-input.tsx'
import { formField } from '../../../../lib/field-labels.ts'
import { RunReview } from './run-review.tsx'
import { suggestCommandName, suggestHostName } from '../suggest-name.ts'
import { useNewConnection } from '../use-new-connection.ts'
import { McpFields } from './mcp-fields.tsx'

/** Shows a command in full before it runs for the first time. A URL is tested immediately. */
export function McpForm({ project, onEdit, onBack, onDone, values: given }: KindFormProps<McpValues>) {
  const secret = useRef<SecretChoiceField>(null)
  const { create, busy, problem } = useNewConnection('mcp', project, onDone)
  const [tried, setTried] = useState(false)
  const [reviewing, setReviewing] = useState(false)
  const form = useForm<McpValues>({
    initialValues: { ...EMPTY_MCP, ...given },
    validateInputOnChange: true,
    onValuesChange: onEdit,
    validate: mcpProblems,
  })
  const { values } = form
  const words = commandParts(values)
  const isCommand = values.transport === 'command'

  const send = async (key: GivenSecret | undefined): Promise<void> => {
    await create({ name: values.name, config: mcpConfig(values), secret: key }, (error) => {
      // Hidden fields can't be focused.
      flushSync(() => setReviewing(false))
      const field = formField(MCP_FIELDS, error.field)
      const isUpstream = error.code === 'UPSTREAM_ERROR' || error.code === 'UPSTREAM_TIMEOUT'
      if (field === null && !isUpstream) return false
      if (field === 'secret' && secret.current !== null) secret.current.showError(error)
      else {
        const place = field === null || field === 'secret' ? (isCommand ? 'command' : 'url') : field
        form.setFieldError(place, error.sentence)
        form.getInputNode(place)?.focus()
      }
      return true
    })
  }
  const submit = async (): Promise<void> => {
    if (busy) return
    setTried(true)
    if (isCommand && !reviewing) {
      if (usesSecret(values) && secret.current?.isMissing() === true) return
      setReviewing(true)
      return
    }
    const key = usesSecret(values) ? secret.current?.take() : undefined
    if (key === null) return setReviewing(false)
    await send(key)
  }
  const rejectEmpty = (errors: Record<string, unknown>): void => {
    setTried(true)
    form.getInputNode(Object.keys(errors)[0] ?? '')?.focus()
  }
  const set = (transport: string): void => {
    form.setFieldValue('transport', transport === 'address' ? 'address' : 'command')
    form.clearErrors()
    setTried(false)
  }
  return (
    <form onSubmit={(event) => form.onSubmit(() => void submit(), rejectEmpty)(event)} noValidate>
      {reviewing && typeof words !== 'string' && (
        <RunReview
          args={words}
          cwd={values.cwd}
          env={values.env}
          busy={busy}
          problem={problem}
          onBack={() => setReviewing(false)}
        />
      )}
      {/* Hidden instead of unmounted while the command is reviewed, so that the fields keep their values, including the secret. */}
      <Stack gap="md" {...(reviewing ? { display: 'none' } : {})}>
        <SegmentedControl
          aria-label={t`Server type`}
          value={values.transport}
          onChange={set}
          data={[
            { value: 'command', label: t`Local command` },
            { value: 'address', label: t`URL` },
          ]}
        />
        <McpFields
          form={form}
          tried={tried}
          secret={
            <>
              {usesSecret(values) && !isRegistered(values) && <SecretChoice ref={secret} label={t`Secret`} />}
              {isRegistered(values) && (
                <SecretChoice ref={secret} label={t`Client secret`} none={t`This client has no secret.`} />
              )}
            </>
          }
          name={
            <NameInput
              input={form.getInputProps('name')}
              suggested={
                isCommand ? (typeof words === 'string' ? '' : suggestCommandName(words)) : suggestHostName(values.url)
              }
              onSuggest={(name) => form.setFieldValue('name', name)}
            />
          }
        />
        <Checkbox
          label={t`Pass-through`}
          description={t`Clients see only this server, with its own tool names. It must be the project's only MCP server.`}
          {...form.getInputProps('passThrough', { type: 'checkbox' })}
        />
        <FormFoot
          problem={problem}
          busy={busy}
          action={isCommand ? t`Review command` : t`Add connection`}
          busyAction={t`Testing…`}
          onBack={onBack}
        />
      </Stack>
    </form>
  )
}
