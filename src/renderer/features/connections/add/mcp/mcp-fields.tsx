import { Checkbox, TextInput } from '@mantine/core'
import { t } from '../../../../../contract/text/translate.ts'
import { MONO, type Form } from '../../../../lib/form.ts'
import type { ReactNode } from 'react'
import styles from '../form.module.css'
import { isPlainHttp, PLAIN_HTTP_LABEL } from '../plain-http.ts'
import { commandParts, isRegistered, type McpValues } from './mcp-values.ts'
import { showArgument } from '../../../../../contract/text/visible-text.ts'
import { ValueRows } from './value-rows.tsx'

interface McpFieldsProps {
  form: Form<McpValues>
  /** Shows what is wrong with each row. Set after an attempt to submit. */
  tried: boolean
  name: ReactNode
  secret: ReactNode
}

/** Settings of an MCP server, for adding and editing one. */
export function McpFields({ form, tried, name, secret }: McpFieldsProps) {
  const { values } = form
  const words = commandParts(values)
  const isCommand = values.transport === 'command'
  return (
    <>
      {isCommand ? (
        <>
          <TextInput
            label={t`Command`}
            placeholder="npx -y @modelcontextprotocol/server-everything"
            data-autofocus
            {...MONO}
            description={t`Program and arguments. It doesn't run in a shell, so $, | and > have no special meaning.`}
            {...form.getInputProps('command')}
          />
          {typeof words !== 'string' && words.length > 0 && (
            <div className={styles.words} aria-live="polite" aria-label={t`Parsed command`}>
              {/* oxlint-disable-next-line react/no-array-index-key -- arguments have no ID other than their position */}
              {words.map((word, index) => (
                <code key={index}>{showArgument(word)}</code>
              ))}
            </div>
          )}
          <ValueRows
            label={t`Environment variables`}
            description={t`The command gets these variables and basics such as PATH and HOME, nothing else from your environment.`}
            noun="variable"
            placeholder="GITHUB_TOKEN"
            rows={values.env}
            onChange={(env) => form.setFieldValue('env', env)}
            error={tried ? rowsError(form.errors['env']) : null}
            tried={tried}
          />
          <TextInput
            label={t`Working directory`}
            placeholder={t`Home folder`}
            {...MONO}
            {...form.getInputProps('cwd')}
          />
        </>
      ) : (
        <>
          <TextInput
            label={t`Server URL`}
            placeholder="https://mcp.example.com/mcp"
            description={t`Streamable HTTP, or the older HTTP+SSE transport.`}
            {...MONO}
            {...form.getInputProps('url')}
          />
          <Checkbox
            label={t`Sign in with the browser (OAuth 2.1)`}
            description={t`Sign in under Diagnostics on the connection's page.`}
            {...form.getInputProps('oauth', { type: 'checkbox' })}
          />
          {values.oauth && (
            <TextInput
              label={t`Client ID`}
              placeholder={t`Optional`}
              {...MONO}
              {...form.getInputProps('clientId')}
              description={t`Only if the server doesn't support dynamic client registration. Enter the ID of the client you registered there.`}
            />
          )}
          {isRegistered(values) && (
            <TextInput
              label={t`Callback port`}
              placeholder={t`any`}
              inputMode="numeric"
              {...MONO}
              {...form.getInputProps('callbackPort')}
              description={t`Register this redirect URI: http://127.0.0.1:${values.callbackPort.trim() === '' ? 'PORT' : values.callbackPort.trim()}/callback`}
            />
          )}
          {!values.oauth && (
            <ValueRows
              label={t`Headers`}
              description={t`Sent with every request. A secret in Authorization is sent as a bearer token.`}
              noun="header"
              placeholder={t`Authorization`}
              rows={values.headers}
              onChange={(headers) => form.setFieldValue('headers', headers)}
              error={tried ? rowsError(form.errors['headers']) : null}
              tried={tried}
            />
          )}
          <Checkbox label={t`Allow a host in a private network`} {...form.getInputProps('pin', { type: 'checkbox' })} />
          {isPlainHttp(values.url) && (
            <Checkbox label={PLAIN_HTTP_LABEL} {...form.getInputProps('plainHttp', { type: 'checkbox' })} />
          )}
        </>
      )}
      {secret}
      {name}
      <Checkbox
        label={t`Review new and changed tools before agents can use them`}
        {...form.getInputProps('ask', { type: 'checkbox' })}
      />
    </>
  )
}

function rowsError(error: unknown): string | null {
  return typeof error === 'string' ? error : null
}
