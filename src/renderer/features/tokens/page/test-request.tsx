import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { PERMISSIONS, type Grant } from '../../../../contract/grants.ts'
import type { ConnectionRecord, TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { StatusLabel } from '../../../ui/status-label.tsx'
import { grantText } from './grant-text.ts'
import { limitsOf } from './permission-grid.ts'

interface TestRequestProps {
  token: TokenRecord
  connections: readonly ConnectionRecord[]
  onClose: () => void
}

const RESOURCES = {
  tables: { label: t`Table`, hint: t`Optional. Leave empty to test the whole document.` },
  tools: { label: t`Tool`, hint: t`Optional. Leave empty to test the whole server.` },
  paths: { label: t`Path or operation`, hint: t`Optional, for example /v1/forecast` },
}

/** Says whether the saved permissions would allow a request. Nothing is sent. */
export function TestRequest({ token, connections, onClose }: TestRequestProps) {
  const { owner } = useApi()
  const { project, name, grants } = token
  const [connection, setConnection] = useState(grants[0]?.connection ?? connections[0]?.name ?? '')
  const [permission, setPermission] = useState<(typeof PERMISSIONS)[number]>('read')
  const [resource, setResource] = useState('')
  // An answer that arrives late belongs to what was asked.
  const asked = JSON.stringify([connection, permission, resource])
  const [answer, setAnswer] = useState<{ asked: string; allowed: boolean; sentence: string } | null>(null)
  const [limit = 'tables'] = limitsOf(connections.find((one) => one.name === connection)?.kind ?? 'grist')
  const test = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const named = resource.trim() === '' ? {} : { resource: resource.trim() }
    try {
      const { allowed, grant, problem } = await owner.tokens.may({ project, name, connection, permission, ...named })
      const place = grants.findIndex((one) => JSON.stringify(one) === JSON.stringify(grant)) + 1
      setAnswer({
        asked,
        allowed,
        sentence: grant === null ? (problem ?? '') : allowedText(place, grant),
      })
    } catch (thrown) {
      setAnswer({ asked, allowed: false, sentence: callErrorOf(thrown).sentence })
    }
  }
  return (
    <Dialog opened onClose={onClose} title={t`Test a request of ${name}`} size="md">
      <form onSubmit={(event) => void test(event)}>
        <Stack gap="sm">
          <Text size="sm">{t`Shows whether the saved permissions allow a request. Nothing is sent.`}</Text>
          <NativeSelect
            label={t`Connection`}
            value={connection}
            data={connections.map((one) => one.name)}
            onChange={({ currentTarget: { value } }) => setConnection(value)}
          />
          <NativeSelect
            label={t`Permission`}
            value={permission}
            data={[...PERMISSIONS]}
            onChange={({ currentTarget: { value } }) =>
              setPermission(PERMISSIONS.find((one) => one === value) ?? 'read')
            }
          />
          <TextInput
            label={RESOURCES[limit].label}
            description={RESOURCES[limit].hint}
            value={resource}
            onChange={(event) => setResource(event.currentTarget.value)}
          />
          <div role="status">
            {answer?.asked === asked && (
              <StatusLabel tone={answer.allowed ? 'ok' : 'wait'}>{answer.sentence}</StatusLabel>
            )}
          </div>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t`Close`}</Button>
            <Button type="submit" disabled={connection === ''}>{t`Test`}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

/** `place` counts from 1. 0: the token changed since the page loaded it. */
function allowedText(place: number, grant: Grant): string {
  const text = grantText(grant)
  return place === 0 ? t`Allowed by ${text}.` : t`Allowed by grant ${place}: ${text}.`
}
