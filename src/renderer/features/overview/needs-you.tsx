import { Text } from '@mantine/core'
import { t } from '../../../contract/text/translate.ts'
import { formatNumber } from '../../lib/format.ts'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import styles from '../attention/attention.module.css'
import { AttentionRow } from '../attention/attention-row.tsx'
import { useAttention } from '../attention/use-attention.ts'
import { Block, BlockContent } from './block.tsx'

const MAX_SHOWN = 3

/** The most urgent items. */
export function NeedsYou() {
  const attention = useAttention()
  const { data: items } = attention
  const more = items !== undefined && items.length > MAX_SHOWN ? t`All ${formatNumber(items.length)}` : t`All attention`
  return (
    <Block title={t`Needs you`} more={[{ label: more, to: '/attention' }]}>
      <BlockContent query={attention} skeleton={<SkeletonRows rows={2} />}>
        {(open) =>
          open.length === 0 ? (
            <Text c="dimmed" size="sm">{t`Downtime, reviews, expiring tokens and repeated denials appear here.`}</Text>
          ) : (
            <ul className={styles.items}>
              {open.slice(0, MAX_SHOWN).map((item) => (
                <AttentionRow key={item.id} item={item} />
              ))}
            </ul>
          )
        }
      </BlockContent>
    </Block>
  )
}
