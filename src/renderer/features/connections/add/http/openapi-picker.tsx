import { Alert, Button, Group, Input, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconFile } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { rich } from '../../../../lib/rich.ts'
import { plural, t } from '../../../../../contract/text/translate.ts'
import type { HttpRule, OpenapiInspection, OpenapiSource } from '../../../../../contract/upstreams/http-connection.ts'
import { useApi } from '../../../../lib/api.tsx'
import { callErrorOf } from '../../../../lib/call-error.ts'
import { useFailure } from '../../../../ui/failure.tsx'
import { OperationList } from '../../operation-list.tsx'

/** `operations` is omitted if all are selected, so that later additions to the document are included. */
export interface PickedOpenapi {
  source: OpenapiSource
  operations?: string[]
}
type SourceKind = 'none' | 'url' | 'path' | 'text'

interface OpenapiPickerProps {
  rules: HttpRule[]
  pinned: boolean
  error: string | null
  onChange: (picked: PickedOpenapi | null) => void
  onInspected: (inspection: OpenapiInspection) => void
}

/** Loads an OpenAPI document from a URL, file or text on demand, and selects its operations. */
export function OpenapiPicker({ rules, pinned, error, onChange, onInspected }: OpenapiPickerProps) {
  const { owner, shell } = useApi()
  const failure = useFailure()
  const [kind, setKind] = useState<SourceKind>('none')
  const [text, setText] = useState('')
  const [inspection, setInspection] = useState<OpenapiInspection | null>(null)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const reading = useRef<AbortController | null>(null)
  useEffect(() => () => reading.current?.abort(), [])

  const typed = (nextKind: SourceKind, next: string): void => {
    reading.current?.abort()
    setBusy(false)
    setKind(nextKind)
    setText(next)
    setInspection(null)
    setProblem(null)
    onChange(next.trim() === '' ? null : picked(nextKind, next))
  }
  const read = async (): Promise<void> => {
    const source = sourceOf(kind, text)
    if (source === null) return setProblem(t`Enter a URL, file or text first.`)
    const leaving = new AbortController()
    reading.current = leaving
    setBusy(true)
    setProblem(null)
    try {
      const found = await owner.connections.inspectOpenapi(
        { source, ...(rules.length === 0 ? {} : { rules }), ...(pinned ? { pinned } : {}) },
        { signal: leaving.signal },
      )
      setInspection(found)
      setChosen(new Set(found.operations.map(({ id }) => id)))
      onInspected(found)
    } catch (thrown) {
      if (!leaving.signal.aborted) setProblem(callErrorOf(thrown).sentence)
    } finally {
      if (reading.current === leaving) setBusy(false)
    }
  }
  const choose = (next: Set<string>): void => {
    setChosen(next)
    const base = picked(kind, text)
    if (base !== null) onChange(next.size === inspection?.operations.length ? base : { ...base, operations: [...next] })
  }
  const chooseFile = async (): Promise<void> => {
    try {
      const { path } = (await shell?.chooseFile({ purpose: 'openapi' })) ?? { path: null }
      if (path !== null) typed('path', path)
    } catch (thrown) {
      failure(thrown)
    }
  }
  const input = {
    value: text,
    error: problem ?? error,
    classNames: { input: 'hp-mono' },
    spellCheck: false,
    autoComplete: 'off',
    onChange: (event: { currentTarget: { value: string } }) => typed(kind, event.currentTarget.value),
  }
  return (
    <Stack gap={8}>
      <div>
        <Input.Label component="div">{t`OpenAPI document`}</Input.Label>
        <Input.Description>{t`Optional. Makes its operations available as tools. OpenAPI 3.0 or 3.1, JSON or YAML.`}</Input.Description>
      </div>
      <SegmentedControl
        aria-label={t`Source of the OpenAPI document`}
        size="xs"
        value={kind}
        onChange={(next) => typed(next as SourceKind, '')}
        data={[
          { value: 'none', label: t`None` },
          { value: 'url', label: t`URL` },
          { value: 'path', label: t`File` },
          { value: 'text', label: t`Paste` },
        ]}
      />
      {kind === 'url' && (
        <TextInput aria-label={t`OpenAPI URL`} placeholder="https://api.example.com/openapi.json" {...input} />
      )}
      {kind === 'path' && (
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <TextInput flex={1} aria-label={t`OpenAPI file path`} placeholder="/home/you/openapi.yaml" {...input} />
          {shell !== null && (
            <Button
              variant="default"
              leftSection={<IconFile size={16} />}
              onClick={() => void chooseFile()}
            >{t`Choose…`}</Button>
          )}
        </Group>
      )}
      {kind === 'text' && <Textarea aria-label={t`OpenAPI text`} rows={5} placeholder="openapi: 3.1.0" {...input} />}
      {kind !== 'none' && inspection === null && (
        <Group>
          <Button
            data-writes={busy ? undefined : true}
            size="xs"
            variant="default"
            onClick={() => (busy ? typed(kind, text) : void read())}
          >
            {busy ? t`Cancel` : t`Load`}
          </Button>
        </Group>
      )}
      {inspection !== null && (
        <>
          <Text size="sm" role="status">
            {rich`${<b>{inspection.title}</b>} ${inspection.version}, OpenAPI ${inspection.openapi}`}
          </Text>
          <OperationList operations={inspection.operations} chosen={chosen} onChange={choose} />
          {inspection.left_out.length > 0 && (
            <Alert
              color="gray"
              variant="light"
              title={t`${plural(inspection.left_out.length, '# operation', '# operations')} skipped`}
            >
              {inspection.left_out.slice(0, 5).map(({ operation, reason }) => (
                <div key={operation}>
                  <span className="hp-mono">{operation}</span>: {reason}
                </div>
              ))}
              {inspection.left_out.length > 5 && <div>{t`And ${inspection.left_out.length - 5} more.`}</div>}
            </Alert>
          )}
        </>
      )}
    </Stack>
  )
}

function picked(kind: SourceKind, text: string): PickedOpenapi | null {
  const source = sourceOf(kind, text)
  return source === null ? null : { source }
}

function sourceOf(kind: SourceKind, text: string): OpenapiSource | null {
  if (kind === 'none' || text.trim() === '') return null
  if (kind === 'text') return { text }
  return kind === 'url' ? { url: text.trim() } : { path: text.trim() }
}
