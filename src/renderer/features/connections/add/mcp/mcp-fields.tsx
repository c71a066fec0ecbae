import { Checkbox, TextInput } from '@mantine/core'
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
                <code key={index}>{showArgument(word)}</code>
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
            description="Sign in under Diagnostics on the connection's page."
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
      {secret}
      {name}
      <Checkbox
        label="Review new and changed tools before agents can use them"
        {...form.getInputProps('ask', { type: 'checkbox' })}
      />
    </>
  )
}

function rowsError(error: unknown): string | null {
  return typeof error === 'string' ? error : null
}
