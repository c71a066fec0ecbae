import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { plural, t } from '../../../../../contract/text/translate.ts'
import type { ConnectionRecord } from '../../../../../contract/records.ts'
import type { McpToolRecord } from '../../../../../contract/upstreams/mcp-connection.ts'
import { useApi } from '../../../../lib/api.tsx'
import { Loading } from '../../../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../../../ui/loading/skeleton-rows.tsx'
import { DataTable } from '../../../../ui/table/data-table.tsx'
import { AcceptFlagged } from './accept-flagged.tsx'
import { ToolDetail } from './tool-detail.tsx'
import { toolColumns } from './tool-columns.tsx'
import { firstList, inList, LISTS, type ToolList } from './tool-lists.ts'
import styles from './tools.module.css'
import { useToolChanges } from './use-tool-changes.ts'

/** Tools one by one: those to review with what changed in them, and the others with a switch. */
export function McpTools({ connection }: { connection: ConnectionRecord }) {
  const { query } = useApi()
  const tools = useQuery(query.connections.tools.queryOptions({ input: { name: connection.name }, retry: false }))
  return (
    <Loading query={tools} skeleton={<SkeletonRows rows={8} />}>
      {(list) =>
        list.length === 0 ? (
          <p className={styles.none}>{t`It offers no tools.`}</p>
        ) : (
          <ToolBrowser connection={connection.name} tools={list} />
        )
      }
    </Loading>
  )
}

function ToolBrowser({ connection, tools }: { connection: string; tools: readonly McpToolRecord[] }) {
  const changes = useToolChanges(connection)
  const [chosen, setChosen] = useState<ToolList | null>(null)
  const [search, setSearch] = useState('')
  const [current, setCurrent] = useState<string | null>(null)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [asking, setAsking] = useState<McpToolRecord | null>(null)
  const list = chosen ?? firstList(tools)
  const shown = tools.filter(
    (tool) =>
      inList(tool, list) && `${tool.name} ${tool.description ?? ''}`.toLowerCase().includes(search.toLowerCase()),
  )
  const opened = shown.find(({ name }) => name === current) ?? shown[0] ?? null
  const picked = shown.filter(({ name }) => selected.has(name))
  const plain = picked.filter(({ flags }) => flags.length === 0)
  const toggle = (name: string): void => {
    const next = new Set(selected)
    if (!next.delete(name)) next.add(name)
    setSelected(next)
  }
  const accept = (tool: McpToolRecord): void => {
    if (tool.flags.length > 0 && tool.state !== 'removed') setAsking(tool)
    else changes.accept([tool])
  }
  const review = list === 'review'
  const mayAccept = review || list === 'rejected'
  const mayReject = list !== 'rejected'
  return (
    <>
      <div className={styles.toolbar}>
        <SegmentedControl
          size="xs"
          aria-label={t`Tools shown`}
          value={list}
          onChange={(value) => {
            setChosen(value as ToolList)
            setSelected(new Set())
          }}
          data={LISTS.map(({ value, label }) => ({
            value,
            label: `${label} ${tools.filter((tool) => inList(tool, value)).length}`,
          }))}
        />
        <TextInput
          size="xs"
          data-key="/"
          aria-label={t`Search tools`}
          placeholder={t`Search ${plural(tools.length, '# tool', '# tools')}`}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        {picked.length > 0 && (
          <div className={styles.bulk}>
            <span>
              {plain.length < picked.length
                ? t`${picked.length} selected, ${picked.length - plain.length} with warnings`
                : t`${picked.length} selected`}
            </span>
            {review ? (
              <>
                <Button
                  data-writes
                  size="xs"
                  variant="default"
                  onClick={() => changes.reject(picked)}
                >{t`Reject`}</Button>
                <Button
                  data-writes
                  size="xs"
                  variant="default"
                  disabled={plain.length === 0}
                  title={plain.length < picked.length ? t`Tools with warnings are accepted one by one.` : undefined}
                  onClick={() => changes.accept(plain)}
                >
                  {plain.length < picked.length ? t`Accept ${plain.length}` : t`Accept`}
                </Button>
              </>
            ) : (
              <Button data-writes size="xs" variant="default" onClick={() => changes.switchTo(picked, list !== 'on')}>
                {list === 'on' ? t`Turn off` : t`Turn on`}
              </Button>
            )}
          </div>
        )}
      </div>
      <div className={styles.panes}>
        <DataTable
          name={`tools-${list}`}
          label={t`Tools of ${connection}`}
          columns={toolColumns({
            list,
            selected,
            current: opened?.name ?? null,
            onToggle: toggle,
            onSwitch: (tool, on) => changes.switchTo([tool], on),
          })}
          rows={shown}
          keyOf={({ name }) => name}
          rowHeight={44}
          selected={({ name }) => name === opened?.name}
          onActive={({ name }) => setCurrent(name)}
          onOpen={({ name }) => setCurrent(name)}
          letters={[
            ...(mayAccept ? [{ key: 'a', label: t`Accept the tool` }] : []),
            ...(mayReject ? [{ key: 'r', label: t`Reject the tool` }] : []),
          ]}
          onKey={(event, tool) => {
            if (event.key === ' ') toggle(tool.name)
            else if (event.key === 'a' && mayAccept) accept(tool)
            else if (event.key === 'r' && mayReject && tool.state !== 'removed') changes.reject([tool])
            else return
            event.preventDefault()
          }}
          empty={<p className={styles.none}>{search === '' ? t`No tools here.` : t`No results`}</p>}
        />
        {opened !== null && (
          <ToolDetail
            key={`${opened.name} ${opened.fingerprint}`}
            tool={opened}
            busy={changes.busy}
            onAccept={() => accept(opened)}
            onReject={() => changes.reject([opened])}
            onPermit={(permission) => changes.permit(opened, permission)}
          />
        )}
      </div>
      {asking !== null && (
        <AcceptFlagged tool={asking} onAccept={() => changes.acceptNow([asking])} onClose={() => setAsking(null)} />
      )}
    </>
  )
}
