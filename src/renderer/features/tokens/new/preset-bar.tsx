import { Button, Group, Menu, Select, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../../../contract/text/translate.ts'
import type { TokenPreset } from '../../../../contract/owner-api/presets-api.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { usePresetChanges } from './use-preset-changes.ts'

export type Start = 'nothing' | 'read' | 'documents'

interface PresetBarProps {
  tokens: readonly TokenRecord[]
  /** Name of the token whose settings are copied. */
  like: string | null
  onStart: (start: Start) => void
  onLike: (token: TokenRecord) => void
  onPreset: (preset: TokenPreset) => void
}

/** What a new token starts from. */
export function PresetBar({ tokens, like, onStart, onLike, onPreset }: PresetBarProps) {
  const { query } = useApi()
  const presets = useQuery(query.presets.list.queryOptions())
  const button = (start: Start, label: string) => (
    <Button size="xs" variant="default" onClick={() => onStart(start)}>
      {label}
    </Button>
  )
  return (
    <Group gap={8} role="group" aria-label={t`Start from`}>
      <Text size="sm" fw={600}>{t`Start from`}</Text>
      {button('nothing', t`Nothing`)}
      {button('read', t`Read everything`)}
      {button('documents', t`Read and write documents`)}
      {tokens.length > 0 && (
        <Select
          size="xs"
          w={180}
          aria-label={t`Like another token`}
          placeholder={t`Like another token`}
          data={tokens.map(({ name }) => name)}
          value={like}
          onChange={(name) => {
            const token = tokens.find((one) => one.name === name)
            if (token !== undefined) onLike(token)
          }}
          searchable
          allowDeselect={false}
          nothingFoundMessage={t`No results`}
        />
      )}
      {presets.data !== undefined && presets.data.length > 0 && (
        <SavedPresets presets={presets.data} onPreset={onPreset} />
      )}
    </Group>
  )
}

function SavedPresets({ presets, onPreset }: { presets: readonly TokenPreset[] } & Pick<PresetBarProps, 'onPreset'>) {
  const { remove } = usePresetChanges()
  return (
    <Menu position="bottom-start" withinPortal>
      <Menu.Target>
        <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} />}>{t`Saved`}</Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
        {presets.map((preset) => (
          <Menu.Item key={preset.name} onClick={() => onPreset(preset)}>
            {preset.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {presets.map((preset) => (
          <Menu.Item data-writes key={preset.name} c="dimmed" onClick={() => remove(preset)}>
            {t`Delete ${preset.name}`}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
