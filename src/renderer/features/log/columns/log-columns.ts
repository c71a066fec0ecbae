import { t } from '../../../../contract/text/translate.ts'
import styles from '../log.module.css'

interface Column {
  id: string
  label: string
  className?: string | undefined
  /** Tracks of the grid in a wide list, a medium, a narrow and a tight one, where the styles hide those without. */
  tracks: readonly [wide: string, medium: string | null, narrow: string | null, tight: string | null]
  /** It can't be hidden. */
  fixed?: true
}

/** Columns in display order. `project` is shown only for rows of all projects. */
export const COLUMNS = [
  { id: 'time', label: t`Time`, tracks: ['116px', '108px', '108px', '72px'], fixed: true },
  { id: 'project', label: t`Project`, className: styles['project'], tracks: ['minmax(0, 0.8fr)', null, null, null] },
  {
    id: 'who',
    label: t`Who`,
    tracks: ['minmax(0, 1.5fr)', 'minmax(0, 2fr)', 'minmax(0, 1.8fr)', 'minmax(0, 1.2fr)'],
    fixed: true,
  },
  {
    id: 'request',
    label: t`Request`,
    tracks: ['minmax(0, 1fr)', 'minmax(0, 1fr)', 'minmax(0, 1fr)', 'minmax(0, 1fr)'],
  },
  { id: 'on', label: t`On`, tracks: ['minmax(0, 1.4fr)', 'minmax(0, 1.2fr)', 'minmax(0, 1.2fr)', 'minmax(0, 1fr)'] },
  { id: 'permission', label: t`Permission`, className: styles['permission'], tracks: ['80px', '72px', '72px', null] },
  { id: 'outcome', label: t`Outcome`, tracks: ['148px', '140px', '140px', '116px'] },
  {
    id: 'took',
    label: t`Took`,
    className: `${styles['number']} ${styles['took']}`,
    tracks: ['76px', '64px', null, null],
  },
] as const satisfies readonly Column[]
export type ColumnId = (typeof COLUMNS)[number]['id']

/** Returns the columns that are chosen, in display order. Names that this version doesn't know are left out. */
export function chosenColumns(chosen: readonly string[] | undefined): ColumnId[] {
  return COLUMNS.filter((column) => chosen === undefined || 'fixed' in column || chosen.includes(column.id)).map(
    ({ id }) => id,
  )
}

/** Returns the style properties that the grid's rows take their tracks from. */
export function trackStyles(columns: readonly ColumnId[]): React.CSSProperties {
  const shown = COLUMNS.filter(({ id }) => columns.includes(id))
  const tracksOf = (width: 0 | 1 | 2 | 3): string => shown.flatMap(({ tracks }) => tracks[width] ?? []).join(' ')
  return {
    '--wide': tracksOf(0),
    '--medium': tracksOf(1),
    '--narrow': tracksOf(2),
    '--tight': tracksOf(3),
  } as React.CSSProperties
}
