import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ClientRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { refusalOf } from '../../lib/refusal.ts'
import { Confirm } from '../../ui/confirm.tsx'
import styles from './connect.module.css'

interface ChangeClientProps { client: ClientRecord; project: string; token: string | undefined; act: 'connect' | 'disconnect'; opened: boolean; onClose: () => void }

/** Shows exactly what is about to be written, then writes it. */
export function ChangeClient({ client, project, token, act, opened, onClose }: ChangeClientProps) {
  const { owner, query } = useApi()
  const choice = { client: client.id, project, ...(token === undefined ? {} : { token }) }
  const { data: preview, error } = useQuery(query.clients.preview.queryOptions({ input: { ...choice, act }, enabled: opened, retry: false, staleTime: 0, gcTime: 0 }))
  const connecting = act === 'connect'
  const write = async (): Promise<void> => {
    await (connecting ? owner.clients.connect(choice) : owner.clients.disconnect(choice))
  }
  return (
    <Confirm
      opened={opened} calm={connecting} known={preview !== undefined} size="lg" title={`${connecting ? 'Connect' : 'Disconnect'} ${client.name}`}
      act={connecting ? 'Write it' : 'Take it out'} onConfirm={write} onClose={onClose}
    >
      <Stack gap="sm">
        <Text size="sm">
          {connecting
            ? 'This is all that changes in the client’s own file. The file is backed up first; disconnecting takes exactly this out again.'
            : 'This is all that changes in the client’s own file; the rest of it stays as it is.'}
        </Text>
        <p className={styles.path}>{preview?.config_path ?? client.config_path}</p>
        {error !== null && <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>{refusalOf(error).sentence}</Text>}
        {preview !== undefined && <Diff text={preview.diff} />}
        {connecting && <Text size="sm" c="dimmed">Start {client.name} again afterwards, so that it reads its file.</Text>}
      </Stack>
    </Confirm>
  )
}

/** The lines that differ, each with its sign; added and taken out are told apart by sign and word, not by colour alone. */
function Diff({ text }: { text: string }) {
  if (text === '') return <Text size="sm" c="dimmed">Nothing would change.</Text>
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long text scrolls, so it can be reached by keyboard
    <pre className={styles.diff} tabIndex={0} aria-label="What changes: lines with + are added, lines with - are taken out">
      {/* oxlint-disable-next-line react/no-array-index-key -- lines have no name but their place */}
      {text.split('\n').map((line, index) => <span key={index} className={styles.line} data-sign={line[0]}>{line === '' ? ' ' : line}</span>)}
    </pre>
  )
}
