import { SegmentedControl, Switch } from '@mantine/core'
import { useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '../../ui/page.tsx'
import { RequestLog } from '../log/request-log.tsx'
import styles from './activity.module.css'
import { Busiest } from './busiest.tsx'
import { RANGES, type Range } from './ranges.ts'
import { RequestsChart } from './requests-chart.tsx'
import { Today } from './today.tsx'

/** Activity of all projects: a chart, the busiest connections and the live log. */
export function ActivityScreen() {
  const filter = useSearch({ from: '/activity' })
  const [range, setRange] = useState<Range>('1h')
  const [table, setTable] = useState(false)
  return (
    <Page
      title="Activity"
      hint={<Today />}
      fill
      actions={
        <>
          <Switch
            size="xs"
            label="Show as table"
            checked={table}
            onChange={(event) => setTable(event.currentTarget.checked)}
          />
          <SegmentedControl
            size="xs"
            aria-label="Time range"
            value={range}
            onChange={(value) => setRange(value as Range)}
            data={RANGES.map(({ value, label }) => ({ value, label }))}
          />
        </>
      }
    >
      <div className={styles.picture}>
        <div className={styles.chart}>
          <RequestsChart range={range} table={table} />
        </div>
        <Busiest range={range} />
      </div>
      <RequestLog filter={filter} />
    </Page>
  )
}
