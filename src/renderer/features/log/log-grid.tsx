import { Button } from '@mantine/core'
import { useElementSize, useMergedRef } from '@mantine/hooks'
import { IconArrowUp } from '@tabler/icons-react'
import { useCallback, useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { plural, t } from '../../../contract/text/translate.ts'
import type { LogSource, LogState } from './source/log-source.ts'
import { COLUMNS, trackStyles, type ColumnId } from './columns/log-columns.ts'
import { LogRow } from './log-row.tsx'
import styles from './log.module.css'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { useLoadingPhase } from '../../ui/loading/use-loading-phase.ts'
import { rowWindow, scrollToRow } from '../../lib/row-window.ts'

const ROW_HEIGHT = 30
const HEAD_HEIGHT = 30
const OVERSCAN = 6

interface LogGridProps {
  source: LogSource
  state: LogState
  label: string
  columns: readonly ColumnId[]
  paused: boolean
  /** ID of the row that the keyboard is on. */
  active: number | null
  onActive: (id: number | null) => void
  /** ID of the row that is open next to the list. */
  opened: number | null
  onOpen: (id: number | null) => void
  /** Element to return the focus to. */
  focus: React.RefObject<HTMLDivElement | null>
}

/**
 * The list. It holds the focus itself and names the active row, because only visible rows are rendered. New rows wait
 * while the list is scrolled, used by keyboard or has an open row, so that nothing moves while it is read.
 */
export function LogGrid({
  source,
  state,
  label,
  columns,
  paused,
  active,
  onActive,
  opened,
  onOpen,
  focus,
}: LogGridProps) {
  const base = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const { ref: sized, height: wholeHeight } = useElementSize()
  const ref = useMergedRef(scroller, sized, focus)
  const [scrollTop, setScrollTop] = useState(0)
  const [pressed, setPressed] = useState(false)
  const height = Math.max(0, wholeHeight - HEAD_HEIGHT)
  const geometry = { scrollTop, height, count: state.count, rowHeight: ROW_HEIGHT }
  const { first, last, top, total } = rowWindow(geometry, OVERSCAN)

  const held = paused || scrollTop > 0 || active !== null || opened !== null || pressed
  useEffect(() => source.hold(held), [source, held])
  useEffect(() => source.show(first, last), [source, first, last])

  const latest = useRef(geometry)
  useEffect(() => {
    latest.current = geometry
  })
  // The panel can step to a row that isn't visible.
  useEffect(() => {
    const index = opened === null ? -1 : source.indexOf(opened)
    if (index >= 0 && scroller.current !== null) scroller.current.scrollTop = scrollToRow(latest.current, index)
  }, [source, opened])

  const open = useCallback(
    (index: number) => {
      const id = source.idAt(index)
      onActive(id)
      onOpen(id)
    },
    [source, onActive, onOpen],
  )
  const toTop = (): void => {
    onActive(null)
    onOpen(null)
    setScrollTop(0)
    scroller.current?.scrollTo({ top: 0 })
    scroller.current?.focus({ preventScroll: true })
  }
  const moveTo = (index: number): void => {
    const to = Math.max(0, Math.min(state.count - 1, index))
    if (state.count === 0 || scroller.current === null) return
    onActive(source.idAt(to))
    if (opened !== null) onOpen(source.idAt(to))
    scroller.current.scrollTop = scrollToRow(geometry, to)
  }
  const activeIndex = active === null ? -1 : source.indexOf(active)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== scroller.current || event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor(height / ROW_HEIGHT) - 1)
    const from = activeIndex < 0 ? first + (scrollTop > 0 ? OVERSCAN : 0) - 1 : activeIndex
    const to = {
      ArrowDown: from + 1,
      j: from + 1,
      ArrowUp: activeIndex < 0 ? 0 : from - 1,
      k: activeIndex < 0 ? 0 : from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: state.count - 1,
    }[event.key]
    if (to !== undefined) moveTo(to)
    else if (event.key === 'Enter' && activeIndex >= 0) open(activeIndex)
    else if (event.key === 'Escape' && opened !== null) onOpen(null)
    else if (event.key === 'Escape' && active !== null) onActive(null)
    else return
    event.preventDefault()
  }

  const rows = []
  for (let index = first; index < last; index += 1) {
    const id = source.idAt(index)
    rows.push(
      <LogRow
        key={id}
        id={`${base}${id}`}
        record={source.row(id)}
        index={index}
        active={id === active}
        opened={id === opened}
        columns={columns}
        onOpen={open}
      />,
    )
  }
  const loading = useLoadingPhase(state.phase === 'starting')
  const known = state.look === null || state.look.doing === 'done'
  return (
    <div className={styles.list}>
      <div
        ref={ref}
        role="grid"
        className={styles.grid}
        tabIndex={0}
        aria-label={label}
        style={trackStyles(columns)}
        aria-rowcount={known ? state.count + 1 : -1}
        aria-colcount={columns.length}
        aria-activedescendant={activeIndex >= first && activeIndex < last ? `${base}${active}` : undefined}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
        // A pressed row must stay under the pointer until it is released.
        onPointerDown={() => setPressed(true)}
        onPointerUp={() => setPressed(false)}
        onPointerLeave={() => setPressed(false)}
        onPointerCancel={() => setPressed(false)}
      >
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.row}>
            {COLUMNS.filter(({ id }) => columns.includes(id)).map(({ id, label: name, ...column }) => (
              <span key={id} role="columnheader" className={'className' in column ? column.className : undefined}>
                {name}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: total }}>
          <div role="presentation" className={styles.drawn} style={{ top }}>
            {rows}
            {state.count === 0 && (loading === 'skeleton' || loading === 'slow') && (
              <SkeletonRows rows={12} height={ROW_HEIGHT} />
            )}
          </div>
        </div>
      </div>
      {!paused && state.waiting > 0 && (scrollTop > 0 || active !== null || opened !== null) && (
        <Button
          className={styles.news}
          size="compact-sm"
          radius="xl"
          leftSection={<IconArrowUp size={14} />}
          onClick={toTop}
        >
          {t`${plural(state.waiting, '# new request', '# new requests')}`}
        </Button>
      )}
    </div>
  )
}
