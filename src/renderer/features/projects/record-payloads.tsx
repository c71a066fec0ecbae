import { NumberInput, Text } from '@mantine/core'
import { useState } from 'react'
import { MAX_PAYLOAD_DAYS } from '../../../contract/request-details.ts'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { Confirm } from '../../ui/confirm.tsx'

const DEFAULT_DAYS = 7

interface RecordPayloadsProps {
  project: string
  opened: boolean
  onClose: () => void
}

/** Turns recording on for a number of days. */
export function RecordPayloads({ project, opened, onClose }: RecordPayloadsProps) {
  const { owner } = useApi()
  const [days, setDays] = useState<number | string>(DEFAULT_DAYS)
  const isValid = Number.isInteger(days) && Number(days) >= 1 && Number(days) <= MAX_PAYLOAD_DAYS
  return (
    <Confirm
      opened={opened}
      title={t`Record payloads of ${project}`}
      action={t`Record payloads`}
      calm
      known={isValid}
      onConfirm={() => owner.projects.update({ name: project, payloads: 'on', payload_days: Number(days) })}
      onClose={onClose}
    >
      <Text mb="sm">
        {t`Stores what each request of this project sends and gets, up to 64 KiB each way. Secrets of its connections and tokens of Hallpass are masked. Other personal or confidential data isn't.`}
      </Text>
      <NumberInput
        label={t`Days`}
        description={t`Afterward, recording ends and the recorded payloads are deleted.`}
        min={1}
        max={MAX_PAYLOAD_DAYS}
        allowDecimal={false}
        styles={{ wrapper: { maxWidth: 160 } }}
        value={days}
        onChange={setDays}
        error={isValid ? null : t`Enter a whole number from 1 to ${MAX_PAYLOAD_DAYS}.`}
        data-autofocus
      />
    </Confirm>
  )
}

/** Turns recording off, which deletes what was recorded. */
export function StopRecording({ project, opened, onClose }: RecordPayloadsProps) {
  const { owner } = useApi()
  return (
    <Confirm
      opened={opened}
      title={t`Stop recording payloads of ${project}`}
      action={t`Stop and delete payloads`}
      onConfirm={() => owner.projects.update({ name: project, payloads: 'off' })}
      onClose={onClose}
    >
      <Text>{t`Permanently deletes the recorded payloads of this project. Rows of the log stay.`}</Text>
    </Confirm>
  )
}
