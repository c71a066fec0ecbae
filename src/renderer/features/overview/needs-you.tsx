import { Text } from '@mantine/core'
import { formatNumber } from '../../lib/format.ts'
import attention from '../attention/attention.module.css'
import { AttentionRow } from '../attention/attention-row.tsx'
import { useAttention } from '../attention/use-attention.ts'
import { Block, BlockProblem } from './block.tsx'

const MAX_SHOWN = 3

/** The most urgent items. */
export function NeedsYou() {
  const { data: items, error } = useAttention()
  const more = items !== undefined && items.length > MAX_SHOWN ? `All ${formatNumber(items.length)}` : 'All attention'
  return (
    <Block title="Needs you" more={{ label: more, to: '/attention' }}>
      {items === undefined && error !== null && <BlockProblem error={error} />}
      {items?.length === 0 && (
        <Text c="dimmed" size="sm">
          Nothing needs you.
        </Text>
      )}
      {items !== undefined && items.length > 0 && (
        <ul className={attention.items}>
          {items.slice(0, MAX_SHOWN).map((item) => (
            <AttentionRow key={item.id} item={item} />
          ))}
        </ul>
      )}
    </Block>
  )
}
