import { Checkbox, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { SecretChoice, type GivenSecret, type SecretChoiceField } from '../../secret-choice.tsx'
import { FormFoot } from '../form-foot.tsx'
import styles from '../form.module.css'
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
import { isPlainHttp, PLAIN_HTTP_LABEL } from '../plain-http.ts'
import { RunReview } from './run-review.tsx'
import { quoteArgument } from './split-command.ts'
import { suggestCommandName, suggestHostName } from '../suggest-name.ts'
import { useNewConnection } from '../use-new-connection.ts'
import { ValueRows } from './value-rows.tsx'

const MONO = { classNames: { input: 'hp-mono' }, spellCheck: false, autoComplete: 'off' } as const

/** Shows a command in full before it runs for the first time. A URL is tested immediately. */
export function McpForm({ project, onBack, onDone }: KindFormProps) {
  const secret = useRef<SecretChoiceField>(null)
  const { create, busy, problem } = useNewConnection('mcp', project, onDone)
  const [tried, setTried] = useState(false)
  const [reviewing, setReviewing] = useState(false)
  const form = useForm<McpValues>({ initialValues: EMPTY_MCP, validateInputOnChange: true, validate: mcpProblems })
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
  const refuseEmpty = (errors: Record<string, unknown>): void => {
    setTried(true)
    form.getInputNode(Object.keys(errors)[0] ?? '')?.focus()
  }
  const set = (transport: string): void => {
    form.setFieldValue('transport', transport === 'address' ? 'address' : 'command')
    form.clearErrors()
    setTried(false)
  }
  return (
    <form onSubmit={(event) => form.onSubmit(() => void submit(), refuseEmpty)(event)} noValidate>
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
          aria-label="Server type"
          value={values.transport}
          onChange={set}
          data={[
            { value: 'command', label: 'Local command' },
            { value: 'address', label: 'URL' },
          ]}
        />
        {isCommand ? (
          <>
            <TextInput
              label="Command"
              placeholder="npx -y @modelcontextprotocol/server-everything"
              data-autofocus
              {...MONO}
              description="Program and arguments. It doesn't run in a shell, so $, | and > have no special meaning."
              {...form.getInputProps('command')}
            />
            {typeof words !== 'string' && words.length > 0 && (
              <div className={styles.words} aria-live="polite" aria-label="Parsed command">
                {/* oxlint-disable-next-line react/no-array-index-key -- arguments have no ID other than their position */}
                {words.map((word, index) => (
                  <code key={index}>{quoteArgument(word)}</code>
                ))}
              </div>
            )}
            <ValueRows
              label="Environment variables"
              description="The command gets these variables and basics such as PATH and HOME, nothing else from your environment."
              noun="variable"
              placeholder="GITHUB_TOKEN"
              rows={values.env}
              onChange={(env) => form.setFieldValue('env', env)}
              error={tried ? rowsError(form.errors['env']) : null}
              tried={tried}
            />
            <TextInput label="Working directory" placeholder="Home folder" {...MONO} {...form.getInputProps('cwd')} />
          </>
        ) : (
          <>
            <TextInput
              label="Server URL"
              placeholder="https://mcp.example.com/mcp"
              description="Streamable HTTP, or the older HTTP+SSE transport."
              {...MONO}
              {...form.getInputProps('url')}
            />
            <Checkbox
              label="Sign in with the browser (OAuth 2.1)"
              description="After you add the connection, select Tools on its card, then Sign in."
              {...form.getInputProps('oauth', { type: 'checkbox' })}
            />
            {values.oauth && (
              <TextInput
                label="Client ID"
                placeholder="Optional"
                {...MONO}
                {...form.getInputProps('clientId')}
                description="Only if the server doesn't support dynamic client registration. Enter the ID of the client you registered there."
              />
            )}
            {isRegistered(values) && (
              <TextInput
                label="Callback port"
                placeholder="any"
                inputMode="numeric"
                {...MONO}
                {...form.getInputProps('callbackPort')}
                description={`Register this redirect URI: http://127.0.0.1:${values.callbackPort.trim() === '' ? 'PORT' : values.callbackPort.trim()}/callback`}
              />
            )}
            {!values.oauth && (
              <ValueRows
                label="Headers"
                description="Sent with every request. A secret in Authorization is sent as a bearer token."
                noun="header"
                placeholder="Authorization"
                rows={values.headers}
                onChange={(headers) => form.setFieldValue('headers', headers)}
                error={tried ? rowsError(form.errors['headers']) : null}
                tried={tried}
              />
            )}
            <Checkbox label="Allow a host in a private network" {...form.getInputProps('pin', { type: 'checkbox' })} />
            {isPlainHttp(values.url) && (
              <Checkbox label={PLAIN_HTTP_LABEL} {...form.getInputProps('plainHttp', { type: 'checkbox' })} />
            )}
          </>
        )}
        {usesSecret(values) && !isRegistered(values) && <SecretChoice ref={secret} label="Secret" />}
        {isRegistered(values) && <SecretChoice ref={secret} label="Client secret" none="This client has no secret." />}
        <NameInput
          input={form.getInputProps('name')}
          suggested={
            isCommand ? (typeof words === 'string' ? '' : suggestCommandName(words)) : suggestHostName(values.url)
          }
          onSuggest={(name) => form.setFieldValue('name', name)}
        />
        <Checkbox
          label="Review new and changed tools before agents can use them"
          {...form.getInputProps('ask', { type: 'checkbox' })}
        />
        <Checkbox
          label="Pass-through"
          description="Clients see only this server, with its own tool names. It must be the project's only MCP server."
          {...form.getInputProps('passThrough', { type: 'checkbox' })}
        />
        <FormFoot
          problem={problem}
          busy={busy}
          action={isCommand ? 'Review command' : 'Add connection'}
          busyAction="Testing…"
          onBack={onBack}
        />
      </Stack>
    </form>
  )
}

function rowsError(error: unknown): string | null {
  return typeof error === 'string' ? error : null
}
