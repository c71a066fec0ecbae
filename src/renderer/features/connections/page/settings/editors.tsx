import { Checkbox, TextInput } from '@mantine/core'
import { t } from '../../../../../contract/text/translate.ts'
import { MONO, type Form } from '../../../../lib/form.ts'
import type { ReactNode } from 'react'
import type { ConnectionConfig } from '../../../../../contract/owner-api/connections-api.ts'
import { HttpFields } from '../../add/http/http-fields.tsx'
import {
  HTTP_FIELDS,
  httpConfig,
  httpProblems,
  httpValuesOf,
  urlProblem,
  type HttpValues,
} from '../../add/http/http-values.ts'
import { nameProblem } from '../../add/kind-form.ts'
import { McpFields } from '../../add/mcp/mcp-fields.tsx'
import { MCP_FIELDS, mcpConfig, mcpProblems, mcpValuesOf, type McpValues } from '../../add/mcp/mcp-values.ts'
import { isPlainHttp, PLAIN_HTTP_LABEL } from '../../add/plain-http.ts'
import { pathProblem } from '../../add/sqlite-form.tsx'

type Stored<Kind extends ConnectionConfig['kind']> = Extract<ConnectionConfig, { kind: Kind }>

/** How one kind of connection is edited. */
export interface Editor<Config extends ConnectionConfig, Values extends { name: string }> {
  valuesOf(config: Config, name: string): Values
  problems(values: Values): Record<string, string | null>
  configOf(values: Values): object
  /** The form's field for each field of the API. */
  fields: readonly (readonly [api: string, form: string])[]
  render(form: Form<Values>, name: ReactNode, tried: boolean): ReactNode
}

interface GristValues {
  name: string
  url: string
  doc: string
  pin: boolean
  plainHttp: boolean
}

export const GRIST_EDITOR: Editor<Stored<'grist'>, GristValues> = {
  valuesOf: ({ url, doc = '', pin = false, plain_http: plainHttp = false }, name) => ({
    name,
    url,
    doc,
    pin,
    plainHttp,
  }),
  problems: ({ name, url }) => ({
    name: nameProblem(name),
    url: urlProblem(url, 'https://docs.getgrist.com/sT4nd1nD0c/Orders'),
  }),
  configOf: ({ url, doc, pin, plainHttp }) => ({
    kind: 'grist',
    url: url.trim(),
    ...(doc.trim() === '' ? {} : { doc: doc.trim() }),
    ...(pin ? { pin } : {}),
    ...(plainHttp ? { plain_http: true } : {}),
  }),
  fields: [
    ['name', 'name'],
    ['config.doc', 'doc'],
    ['config', 'url'],
  ],
  render: (form, name) => (
    <>
      {name}
      <TextInput label={t`Document URL`} {...MONO} {...form.getInputProps('url')} />
      <TextInput
        label={t`Document ID`}
        description={t`Only if the URL doesn't contain it.`}
        {...MONO}
        {...form.getInputProps('doc')}
      />
      <Checkbox label={t`Allow a host in a private network`} {...form.getInputProps('pin', { type: 'checkbox' })} />
      {isPlainHttp(form.values.url) && (
        <Checkbox label={PLAIN_HTTP_LABEL} {...form.getInputProps('plainHttp', { type: 'checkbox' })} />
      )}
    </>
  ),
}

export const SQLITE_EDITOR: Editor<Stored<'sqlite'>, { name: string; path: string }> = {
  valuesOf: ({ path }, name) => ({ name, path }),
  problems: ({ name, path }) => ({ name: nameProblem(name), path: pathProblem(path) }),
  configOf: ({ path }) => ({ kind: 'sqlite', path: path.trim() }),
  fields: [
    ['name', 'name'],
    ['config', 'path'],
  ],
  render: (form, name) => (
    <>
      {name}
      <TextInput
        label={t`File path`}
        description={t`Full path on the computer where Hallpass runs.`}
        {...MONO}
        {...form.getInputProps('path')}
      />
    </>
  ),
}

export const HTTP_EDITOR: Editor<Stored<'http'>, HttpValues> = {
  valuesOf: httpValuesOf,
  problems: httpProblems,
  configOf: httpConfig,
  fields: HTTP_FIELDS,
  render: (form, name) => <HttpFields form={form} name={name} secret={null} />,
}

export const MCP_EDITOR: Editor<Stored<'mcp'>, McpValues> = {
  valuesOf: mcpValuesOf,
  problems: mcpProblems,
  configOf: mcpConfig,
  fields: MCP_FIELDS,
  render: (form, name, tried) => <McpFields form={form} tried={tried} name={name} secret={null} />,
}
