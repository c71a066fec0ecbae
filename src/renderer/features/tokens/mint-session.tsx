import { Button, Checkbox, Group, Modal, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { PERMISSIONS, type Permission } from '../../../contract/grants.ts'
import { LONGEST_SESSION_SECONDS } from '../../../contract/session-request.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { Countdown } from '../../ui/instant.tsx'
import { OneTimeSecret } from '../../ui/one-time-secret.tsx'
import { shellsOf } from '../../lib/curl-command.ts'
import { curlExample } from './create/client-snippets.ts'

const TIMES = [
  { value: '5m', label: '5 minutes' },
  { value: '15m', label: '15 minutes' },
  { value: `${LONGEST_SESSION_SECONDS}s`, label: '1 hour' },
]

interface Minted {
  token: string
  expiresAt: string
  proxyUrl: string
}

/** Creates a session token for the owner: choose the connection and permissions, then copy it. */
export function MintSession({ project, onClose }: { project: string; onClose: () => void }) {
  const { query, owner } = useApi()
  const { data: connections } = useQuery(query.connections.list.queryOptions({ input: { project } }))
  const [chosen, setChosen] = useState<string | null>(null)
  const [permissions, setPermissions] = useState<Permission[]>(['read'])
  const [resources, setResources] = useState<string[]>([])
  const [ttl, setTtl] = useState('5m')
  const [label, setLabel] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [minted, setMinted] = useState<Minted | null>(null)
  const document = chosen ?? connections?.[0]?.name ?? null
  const kind = connections?.find(({ name }) => name === document)?.kind
  const isDocument = kind === 'grist' || kind === 'sqlite'

  const mint = async (): Promise<void> => {
    if (document === null || permissions.length === 0) return
    setBusy(true)
    setProblem(null)
    try {
      const reply = await owner.sessions.mint({
        project,
        document,
        permissions,
        ttl,
        ...(resources.length === 0 ? {} : { resources }),
        ...(label === '' ? {} : { label }),
      })
      setMinted({ token: reply.token, expiresAt: reply.session.expires_at, proxyUrl: reply.proxy_url })
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    } finally {
      setBusy(false)
    }
  }

  if (minted !== null) {
    return (
      <Modal opened onClose={onClose} size="lg" title="Session token" closeOnClickOutside={false}>
        <OneTimeSecret
          secret={minted.token}
          expiresAt={minted.expiresAt}
          also={
            isDocument
              ? [
                  {
                    label: 'Example',
                    text: curlExample(minted.proxyUrl, minted.token, shellsOf(navigator.userAgent)[0]),
                  },
                ]
              : []
          }
        >
          <Text size="sm">
            <Countdown before="Expires in" expired="Expired" instant={minted.expiresAt} />. All its requests are logged.
          </Text>
        </OneTimeSecret>
        <Group justify="flex-end" mt="md">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Modal>
    )
  }
  return (
    <Modal opened onClose={onClose} title="New session token">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void mint()
        }}
        noValidate
      >
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            For one script and one connection. Expires after one hour at most.
          </Text>
          <Select
            label="Connection"
            data={connections?.map(({ name }) => name) ?? []}
            value={document}
            onChange={setChosen}
            allowDeselect={false}
            data-autofocus
            nothingFoundMessage="No connections in this project"
            error={connections?.length === 0 ? 'Add a connection to this project first' : null}
          />
          <Checkbox.Group
            label="Permissions"
            value={permissions}
            onChange={(values) => setPermissions(PERMISSIONS.filter((one) => values.includes(one)))}
            error={permissions.length === 0 ? 'Choose at least one permission' : null}
          >
            <Group mt={6}>
              <Checkbox value="read" label="Read" />
              <Checkbox value="write" label="Write" />
              <Checkbox value="schema" label="Schema" />
            </Group>
          </Checkbox.Group>
          {kind !== 'mcp' && (
            <Resources
              key={document}
              document={document}
              isDocument={isDocument}
              value={resources}
              onChange={setResources}
            />
          )}
          <Group grow align="flex-start">
            <Select
              label="Expires after"
              data={TIMES}
              value={ttl}
              onChange={(value) => setTtl(value ?? '5m')}
              allowDeselect={false}
            />
            <TextInput
              label="Label"
              description="Shown in the log"
              placeholder="import"
              value={label}
              maxLength={63}
              onChange={(event) => setLabel(event.currentTarget.value)}
              inputWrapperOrder={['label', 'input', 'description']}
            />
          </Group>
          {problem !== null && (
            <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
              {problem}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={document === null || permissions.length === 0}>
              Create session token
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

interface ResourcesProps {
  document: string | null
  isDocument: boolean
  value: string[]
  onChange: (value: string[]) => void
}

function Resources({ document, isDocument, value, onChange }: ResourcesProps) {
  const { query } = useApi()
  const { data } = useQuery(
    query.connections.tables.queryOptions({
      input: { name: document ?? '' },
      enabled: isDocument && document !== null,
      retry: false,
    }),
  )
  return (
    <TagsInput
      label={isDocument ? 'Limit to tables' : 'Limit to paths'}
      description="Leave empty for full access"
      placeholder={isDocument ? 'Orders' : '/listings/*'}
      data={data ?? []}
      value={value}
      onChange={onChange}
      acceptValueOnBlur
    />
  )
}
