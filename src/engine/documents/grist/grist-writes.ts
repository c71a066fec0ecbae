import type { MethodData, MethodFields } from '../../../contract/document-methods.ts'
import { asHallpassError, HallpassError } from '../../../contract/errors.ts'
import type { CallContext } from '../document-connector.ts'
import { bodyOf, fits, ranges, requestsOf, writeItem } from './grist-batches.ts'
import type { WriteItem } from './grist-batches.ts'
import type { GristClient } from './grist-client.ts'
import type { GristLimits } from './grist-limits.ts'
import { writableTablePath } from './grist-names.ts'
import { listIn } from './grist-records.ts'
import { columnsOf, recordsRequest } from './grist-reads.ts'

/** Where the records of a write came from, for the sentences: `records[3]` or `Line 3`. */
export type Naming = (place: number) => string
export const byPosition: Naming = (place) => `records[${place}]`

export interface GristWrites {
  addRecords(fields: MethodFields<'add_records'>, context: CallContext): Promise<MethodData<'add_records'>>
  updateRecords(fields: MethodFields<'update_records'>, context: CallContext): Promise<MethodData<'update_records'>>
  deleteRecords(fields: MethodFields<'delete_records'>, context: CallContext): Promise<MethodData<'delete_records'>>
  /** Refuses by name what Grist would misread, before anything is sent. */
  checked(item: WriteItem, name: Naming): WriteItem
  /** Stores all of the items or, where Grist refuses one, none; answers row ids in the items' order. */
  storeAdds(table: string, items: WriteItem[], context: CallContext, name?: Naming): Promise<number[]>
  storeUpdates(table: string, items: WriteItem[], context: CallContext, name?: Naming): Promise<void>
  storeDeletes(table: string, ids: number[], context: CallContext): Promise<void>
}

export function createGristWrites(client: GristClient, limits: GristLimits): GristWrites {
  const batch = { bodyBytes: limits.bodyBytes, rows: limits.batchRows }

  function checked(item: WriteItem, name: Naming): WriteItem {
    if (item.columns.includes('id'))
      throw new HallpassError(
        'INVALID_REQUEST',
        `${name(item.place)} sets “id”: row ids are Grist's to give, and are not a column.`,
      )
    if (!fits(item, limits.bodyBytes))
      throw new HallpassError(
        'INVALID_REQUEST',
        `${name(item.place)} is larger than the ${limits.bodyBytes} bytes that Grist takes at once.`,
      )
    return item
  }

  /** With several requests ahead, a wrong column is found before the first has stored anything. */
  async function checkColumns(table: string, items: WriteItem[], context: CallContext, name: Naming): Promise<void> {
    const columns = new Map((await columnsOf(client, table, context, true)).map(({ id, fields }) => [id, fields]))
    const seen = new Set<string>()
    for (const { shape, columns: used, place } of items) {
      if (seen.has(shape)) continue
      seen.add(shape)
      for (const column of used) {
        const known = columns.get(column)
        if (known === undefined)
          throw new HallpassError('GRIST_ERROR', `${name(place)}: unknown column “${column}” in table “${table}”.`, {
            upstreamBlameless: true,
          })
        if (known.isFormula && known.formula !== '')
          throw new HallpassError(
            'GRIST_ERROR',
            `${name(place)}: the column “${column}” of table “${table}” is a formula and cannot be written to.`,
            { upstreamBlameless: true },
          )
      }
    }
  }

  async function send(
    method: 'POST' | 'PATCH',
    table: string,
    items: WriteItem[],
    context: CallContext,
    name: Naming,
  ): Promise<unknown> {
    const answer = await client.ask(
      { method, path: `${writableTablePath(table)}/records`, body: bodyOf(items), repeatable: false, place: { table } },
      context,
    )
    if (answer.ok) return answer.body
    const culprit = culpritOf(answer.words, items)
    throw culprit === undefined
      ? answer.error
      : answer.error.reworded(`${name(culprit.place)}: ${answer.error.message}`)
  }

  async function storeAdds(
    table: string,
    items: WriteItem[],
    context: CallContext,
    name: Naming = byPosition,
  ): Promise<number[]> {
    const requests = requestsOf(items, batch)
    if (requests.length > 1) await checkColumns(table, items, context, name)
    const ids = new Map<WriteItem, number>()
    for (const request of requests) {
      try {
        const records = listIn<{ id: unknown }>(await send('POST', table, request, context, name), 'records')
        request.forEach((item, index) => ids.set(item, idOf(records[index])))
      } catch (error) {
        if (ids.size > 0) throw await undone(table, ids, context, error, name)
        throw error
      }
    }
    return items.map((item) => ids.get(item) ?? 0)
  }

  /** A load that fails half-way takes back what it stored, unless Grist can no longer be asked to. */
  async function undone(
    table: string,
    ids: Map<WriteItem, number>,
    context: CallContext,
    failure: unknown,
    name: Naming,
  ): Promise<unknown> {
    if (context.signal.aborted || !(failure instanceof HallpassError)) return failure
    if (failure.code === 'GRIST_ERROR') {
      const undo = await storeDeletes(table, [...ids.values()], context).then(
        () => null,
        (error: unknown) => asHallpassError(error, '-'),
      )
      if (undo === null)
        return failure.reworded(`${failure.message} The ${ids.size} records stored before it were taken back.`, {
          cause: failure,
        })
    }
    const stored = ranges([...ids.keys()].map(({ place }) => place))
    return failure.reworded(
      `${failure.message} Stored before it, and left in place: ${name === byPosition ? 'records' : 'lines'} ${stored}.`,
      { cause: failure },
    )
  }

  async function storeUpdates(
    table: string,
    items: WriteItem[],
    context: CallContext,
    name: Naming = byPosition,
  ): Promise<void> {
    const requests = requestsOf(items, batch)
    if (requests.length > 1) await checkColumns(table, items, context, name)
    const stored: number[] = []
    for (const request of requests) {
      try {
        await send('PATCH', table, request, context, name)
      } catch (error) {
        if (stored.length === 0 || !(error instanceof HallpassError)) throw error
        throw error.reworded(
          `${error.message} Changed before it: ${name === byPosition ? 'records' : 'lines'} ${ranges(stored)}.`,
          { cause: error },
        )
      }
      stored.push(...request.map(({ place }) => place))
    }
  }

  async function storeDeletes(table: string, ids: number[], context: CallContext): Promise<void> {
    for (let from = 0; from < ids.length; from += limits.batchRows) {
      const body = JSON.stringify(ids.slice(from, from + limits.batchRows))
      // This path works on servers before 1.7.9 too.
      await client.need(
        { method: 'POST', path: `${writableTablePath(table)}/data/delete`, body, repeatable: false, place: { table } },
        context,
      )
    }
  }

  /** Grist passes over unknown ids in silence: what is counted are the rows that are there, or all, where it will not say. */
  async function countExisting(table: string, ids: number[], context: CallContext): Promise<number> {
    let count = 0
    for (let from = 0; from < ids.length; from += limits.batchRows) {
      const id = ids.slice(from, from + limits.batchRows)
      const answer = await client.ask(recordsRequest({ table, filter: { id } }), context)
      count += answer.ok ? listIn(answer.body, 'records').length : id.length
    }
    return count
  }

  return {
    checked,
    storeAdds,
    storeUpdates,
    storeDeletes,
    async addRecords({ table, records }, context) {
      const items = records.map((record, place) => checked(writeItem(place, record, null), byPosition))
      return { record_ids: await storeAdds(table, items, context) }
    },
    async updateRecords({ table, records }, context) {
      const items = mergedById(records).map(({ place, id, fields }) =>
        checked(writeItem(place, fields, id), byPosition),
      )
      await storeUpdates(table, items, context)
      return { updated: records.length }
    },
    async deleteRecords({ table, record_ids }, context) {
      const asked = [...new Set(record_ids)]
      const there = await countExisting(table, asked, context)
      await storeDeletes(table, asked, context)
      return { deleted: there }
    },
  }
}

/** The same row twice in a call: the later value of each field stands, as if they had been sent one after the other. */
export function mergedById<T extends { id: number; fields: Record<string, unknown> }>(
  changes: T[],
): { place: number; id: number; fields: Record<string, unknown> }[] {
  const merged = new Map<number, { place: number; id: number; fields: Record<string, unknown> }>()
  changes.forEach(({ id, fields }, place) => {
    const before = merged.get(id)
    merged.set(id, {
      place: before?.place ?? place,
      id,
      fields: before === undefined ? fields : { ...before.fields, ...fields },
    })
  })
  return [...merged.values()]
}

/** Never an invented id: a caller would change or delete that record next. */
function idOf(record: { id: unknown } | undefined): number {
  if (typeof record?.id === 'number') return record.id
  throw new HallpassError(
    'GRIST_ERROR',
    "Grist's answer does not tell the ids of the records. The write may or may not have been carried out.",
  )
}

/** The record that Grist's words speak of, where they name a column or a row. */
function culpritOf(words: string, items: WriteItem[]): WriteItem | undefined {
  const row = /Invalid row id (\d+)/.exec(words)
  if (row !== null) return items.find(({ id }) => id === Number(row[1]))
  const column = /Invalid column "([^"]*)"/.exec(words) ?? /formula column (\S+)/.exec(words)
  return column === null ? undefined : items.find(({ columns }) => columns.includes(column[1] ?? ''))
}
