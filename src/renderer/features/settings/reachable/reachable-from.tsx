import { Button, Group, Radio } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Settings } from '../../../../contract/settings.ts'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { SettingRow } from '../setting-row.tsx'
import { OtherComputers } from './other-computers.tsx'

const THIS_COMPUTER = { host: '127.0.0.1', tls: null, trusted_proxy: [], public_url: null }

/** Who can reach Hallpass: this computer only, or others at addresses that are listed. */
export function ReachableFrom({ settings }: { settings: Settings }) {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const { data: found } = useQuery(query.settings.check.queryOptions({ input: { host: settings.host } }))
  const { data: status } = useQuery(query.status.queryOptions())
  const isBeyond = found?.beyond_loopback ?? false
  // No restart is pending, so a flag or variable sets the address.
  const isOverridden =
    status !== undefined && status.listening.host !== settings.host && !status.restart_needed.includes('host')
  const close = async (): Promise<void> => {
    setProblem(null)
    try {
      queries.setQueryData(query.settings.get.queryKey(), await owner.settings.update(THIS_COMPUTER))
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    }
  }
  return (
    <SettingRow
      id="reachable"
      label={t`Reachable from`}
      effect={
        isOverridden
          ? t`Has no effect now, because HALLPASS_HOST or --host sets the listen address to ${status.listening.host}.`
          : t`Other computers need TLS files or a trusted proxy. Takes effect after a restart.`
      }
      problem={problem}
    >
      <Radio.Group
        data-writes
        id="reachable"
        aria-label={t`Reachable from`}
        aria-describedby="reachable-effect"
        w="100%"
        value={isBeyond ? 'others' : 'this'}
        onChange={(value) => {
          if (value === 'others') setOpen(true)
          else void close()
        }}
      >
        <Radio value="this" label={t`This computer only`} />
        <Radio value="others" label={t`Other computers…`} mt={8} />
      </Radio.Group>
      {isBeyond && (
        <Group gap="xs" justify="space-between" w="100%">
          <span className="hp-mono">{found?.addresses.join(', ')}</span>
          <Button size="xs" variant="default" aria-label={t`Change addresses`} onClick={() => setOpen(true)}>
            {t`Change…`}
          </Button>
        </Group>
      )}
      {isOpen && <OtherComputers settings={settings} onClose={() => setOpen(false)} />}
    </SettingRow>
  )
}
