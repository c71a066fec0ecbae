import { Alert, Button, Group, Radio, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { REACHABLE_WORD, type Settings } from '../../../../contract/settings.ts'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { formField } from '../../../lib/field-labels.ts'
import { MONO } from '../../../lib/form.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { changeOf, valuesOf, type NetworkValues } from './network-values.ts'

const FIELDS = [
  ['host', 'host'],
  ['tls.key', 'key'],
  ['tls', 'cert'],
  ['trusted_proxy', 'proxy'],
  ['public_url', 'publicUrl'],
  ['confirm', 'word'],
] as const
type Problems = Partial<Record<keyof NetworkValues | 'all', string>>

/** Asks for the address at which other computers reach Hallpass, the encryption, and a typed confirmation. */
export function OtherComputers({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const [values, setValues] = useState(() => valuesOf(settings))
  const [problems, setProblems] = useState<Problems>({})
  const [busy, setBusy] = useState(false)
  const field = (name: Exclude<keyof NetworkValues, 'by'>) => ({
    ...MONO,
    value: values[name],
    error: problems[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setValues((before) => ({ ...before, [name]: value }))
    },
  })
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy) return
    if (values.word.trim() !== REACHABLE_WORD) return setProblems({ word: t`Type ${REACHABLE_WORD} to confirm.` })
    setBusy(true)
    try {
      const saved = await owner.settings.update({ ...changeOf(values), confirm: REACHABLE_WORD })
      queries.setQueryData(query.settings.get.queryKey(), saved)
      onClose()
    } catch (thrown) {
      const { field: name, reason, sentence } = callErrorOf(thrown)
      // What is missing is the encryption, whatever the address is.
      const at = reason === 'plain_text' ? (values.by === 'tls' ? 'cert' : 'proxy') : formField(FIELDS, name)
      setProblems({ [at ?? 'all']: sentence })
      setBusy(false)
    }
  }
  return (
    <Dialog opened onClose={onClose} title={t`Other computers`} size="lg">
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="md">
          <Alert color="amber" variant="light" icon={<IconAlertTriangle size={18} />}>
            {t`Anyone who reaches this address can try tokens.`}
          </Alert>
          <Addresses
            value={values.host}
            problem={problems.host}
            onChange={(host) => setValues((before) => ({ ...before, host }))}
          />
          <SegmentedControl
            aria-label={t`Encryption`}
            value={values.by}
            onChange={(by) => setValues((before) => ({ ...before, by: by === 'tls' ? 'tls' : 'proxy' }))}
            data={[
              { value: 'tls', label: t`TLS files` },
              { value: 'proxy', label: t`Trusted proxy` },
            ]}
          />
          {values.by === 'tls' ? (
            <>
              <TextInput
                label={t`Certificate file`}
                description={t`Full path of a PEM file with the certificate and its chain. Hallpass reads it again when it changes.`}
                {...field('cert')}
              />
              <TextInput
                label={t`Key file`}
                description={t`Full path of the PEM file with the private key. Only you can read it, and it has no passphrase.`}
                {...field('key')}
              />
            </>
          ) : (
            <TextInput
              label={t`Trusted proxy`}
              description={t`IP address or network of the reverse proxy that encrypts, for example 10.0.0.2. Separate several with commas. Other computers can't connect past it.`}
              {...field('proxy')}
            />
          )}
          <TextInput
            label={t`Public URL`}
            description={t`Optional. Where others reach Hallpass by name, for example https://hallpass.example.com`}
            {...field('publicUrl')}
          />
          <TextInput label={t`Type ${REACHABLE_WORD} to confirm`} {...field('word')} />
          {problems.all !== undefined && (
            <Alert color="red" variant="light" role="alert">
              {problems.all}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t`Cancel`}</Button>
            <Button data-writes type="submit" loading={busy}>{t`Save`}</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

interface AddressesProps {
  value: string
  problem: string | undefined
  onChange: (host: string) => void
}

const EVERY = '0.0.0.0'
const OTHER = 'other'

/** This computer's addresses, and a field for a name or another address. */
function Addresses({ value, problem, onChange }: AddressesProps) {
  const { query } = useApi()
  const { data } = useQuery(query.settings.check.queryOptions({ input: { host: '::' } }))
  // An address of one link alone needs the name of its interface.
  const addresses = (data?.addresses ?? []).filter((address) => !address.startsWith('fe80:'))
  const isListed = value === EVERY || addresses.includes(value)
  return (
    <Radio.Group
      label={t`Listen address`}
      value={isListed ? value : OTHER}
      onChange={(next) => onChange(next === OTHER ? '' : next)}
      error={isListed ? problem : undefined}
    >
      <Stack gap={8} mt={8}>
        <Radio value={EVERY} label={t`Every address of this computer (${EVERY})`} />
        {addresses.map((address) => (
          <Radio key={address} value={address} label={address} className="hp-mono" />
        ))}
        <Radio value={OTHER} label={t`Another address or name`} />
        {!isListed && (
          <TextInput
            aria-label={t`Another address or name`}
            {...MONO}
            value={value}
            error={problem}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
        )}
      </Stack>
    </Radio.Group>
  )
}
