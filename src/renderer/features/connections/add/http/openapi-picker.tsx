import { Alert, Button, Group, Input, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconFile } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import type { HttpRule, OpenapiInspection, OpenapiSource } from '../../../../../contract/upstreams/http-connection.ts'
import { useApi } from '../../../../lib/api.tsx'
import { counted } from '../../../../lib/format.ts'
import { callErrorOf } from '../../../../lib/call-error.ts'
import { useFailure } from '../../../../ui/failure.tsx'
import { OperationList } from '../../operation-list.tsx'

/** `operations` is omitted if all are selected, so that later additions to the document are included. */
export interface PickedOpenapi {
  source: OpenapiSource
  operations?: string[]
}
type Way = 'none' | 'url' | 'path' | 'text'

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
  const [way, setWay] = useState<Way>('none')
  const [text, setText] = useState('')
  const [inspection, setInspection] = useState<OpenapiInspection | null>(null)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const reading = useRef<AbortController | null>(null)
  useEffect(() => () => reading.current?.abort(), [])

  const typed = (nextWay: Way, next: string): void => {
    reading.current?.abort()
    setBusy(false)
    setWay(nextWay)
    setText(next)
    setInspection(null)
    setProblem(null)
    onChange(next.trim() === '' ? null : picked(nextWay, next))
  }
  const read = async (): Promise<void> => {
    const source = sourceOf(way, text)
    if (source === null) return setProblem('Enter a URL, file or text first.')
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
    const base = picked(way, text)
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
    onChange: (event: { currentTarget: { value: string } }) => typed(way, event.currentTarget.value),
  }
  return (
    <Stack gap={8}>
      <div>
        <Input.Label component="div">OpenAPI document</Input.Label>
        <Input.Description>
          Optional. Makes its operations available as tools. OpenAPI 3.0 or 3.1, JSON or YAML.
        </Input.Description>
      </div>
      <SegmentedControl
        aria-label="Source of the OpenAPI document"
        size="xs"
        value={way}
        onChange={(next) => typed(next as Way, '')}
        data={[
          { value: 'none', label: 'None' },
          { value: 'url', label: 'URL' },
          { value: 'path', label: 'File' },
          { value: 'text', label: 'Paste' },
        ]}
      />
      {way === 'url' && (
        <TextInput aria-label="OpenAPI URL" placeholder="https://api.example.com/openapi.json" {...input} />
      )}
      {way === 'path' && (
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <TextInput flex={1} aria-label="OpenAPI file path" placeholder="/home/you/openapi.yaml" {...input} />
          {shell !== null && (
            <Button variant="default" leftSection={<IconFile size={16} />} onClick={() => void chooseFile()}>
              Choose…
            </Button>
          )}
        </Group>
      )}
      {way === 'text' && <Textarea aria-label="OpenAPI text" rows={5} placeholder="openapi: 3.1.0" {...input} />}
      {way !== 'none' && inspection === null && (
        <Group>
          <Button size="xs" variant="default" onClick={() => (busy ? typed(way, text) : void read())}>
            {busy ? 'Cancel' : 'Load'}
          </Button>
        </Group>
      )}
      {inspection !== null && (
        <>
          <Text size="sm" role="status">
            <b>{inspection.title}</b> {inspection.version}, OpenAPI {inspection.openapi}
          </Text>
          <OperationList operations={inspection.operations} chosen={chosen} onChange={choose} />
          {inspection.left_out.length > 0 && (
            <Alert color="gray" variant="light" title={`${counted(inspection.left_out.length, 'operation')} skipped`}>
              {inspection.left_out.slice(0, 5).map(({ operation, reason }) => (
                <div key={operation}>
                  <span className="hp-mono">{operation}</span>: {reason}
                </div>
              ))}
              {inspection.left_out.length > 5 && <div>And {inspection.left_out.length - 5} more.</div>}
            </Alert>
          )}
        </>
      )}
    </Stack>
  )
}

function picked(way: Way, text: string): PickedOpenapi | null {
  const source = sourceOf(way, text)
  return source === null ? null : { source }
}

function sourceOf(way: Way, text: string): OpenapiSource | null {
  if (way === 'none' || text.trim() === '') return null
  if (way === 'text') return { text }
  return way === 'url' ? { url: text.trim() } : { path: text.trim() }
}
