import type { MethodData, MethodFields } from '../../../contract/methods/document-methods.ts'
import { asHallpassError, HallpassError } from '../../../contract/errors.ts'
import type { CallContext } from '../document-connector.ts'
import { bodyOf, fits, ranges, requestsOf, writeItem } from './grist-batches.ts'
import type { WriteItem } from './grist-batches.ts'
import type { GristClient } from './grist-client.ts'
import type { GristLimits } from './grist-limits.ts'
import { writableTablePath } from './grist-names.ts'
import { listIn } from './records/grist-records.ts'
import { columnsOf } from './grist-reads.ts'
import { recordsRequest } from './records/read-requests.ts'
import { createGristUpserts, type GristUpserts } from './grist-upserts.ts'
import { byPosition, gristId, invalidRecord, named, rejectedRecord, type Naming } from './records/record-naming.ts'

export interface GristWrites extends GristUpserts {
  addRecords(fields: MethodFields<'add_records'>, context: CallContext): Promise<MethodData<'add_records'>>
  updateRecords(fields: MethodFields<'update_records'>, context: CallContext): Promise<MethodData<'update_records'>>
  deleteRecords(fields: MethodFields<'delete_records'>, context: CallContext): Promise<MethodData<'delete_records'>>
  /** Throws INVALID_REQUEST for a record that Grist would misread, before anything is sent. */
  checked(item: WriteItem, name: Naming): WriteItem
  /** Stores all items or, if Grist rejects one, none. Returns record IDs in the order of the items. */
  storeAdds(table: string, items: WriteItem[], context: CallContext, name?: Naming): Promise<number[]>
  storeUpdates(table: string, items: WriteItem[], context: CallContext, name?: Naming): Promise<void>
  storeDeletes(table: string, ids: number[], context: CallContext): Promise<void>
  upsertRecords(fields: MethodFields<'upsert_records'>, context: CallContext): Promise<MethodData<'upsert_records'>>
}

export function createGristWrites(client: GristClient, limits: GristLimits): GristWrites {
  const upserts = createGristUpserts(client, limits)
  const batch = { bodyBytes: limits.bodyBytes, rows: limits.batchRows }

  function checked(item: WriteItem, name: Naming): WriteItem {
    if (item.columns.includes('id')) throw invalidRecord(name(item.place), 'Remove "id". Grist assigns record IDs.')
    if (!fits(item, limits.bodyBytes))
      throw invalidRecord(name(item.place), `This record is larger than Grist's limit of ${limits.bodyBytes} bytes.`)
    return item
  }

  /** Checks the columns before the first of several requests, so that a wrong one is found before anything is stored. */
  async function checkColumns(table: string, items: WriteItem[], context: CallContext, name: Naming): Promise<void> {
    const columns = new Map((await columnsOf(client, table, context, true)).map(({ id, fields }) => [id, fields]))
    const seen = new Set<string>()
    for (const { shape, columns: used, place } of items) {
      if (seen.has(shape)) continue
      seen.add(shape)
      for (const column of used) {
        const known = columns.get(column)
        if (known === undefined) throw rejectedRecord(name(place), `Table "${table}" has no column "${column}".`)
        if (known.isFormula && known.formula !== '')
          throw rejectedRecord(
            name(place),
            `Column "${column}" of table "${table}" is a formula column and can't be written.`,
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
      { method, path: `${writableTablePath(table)}/records`, body: bodyOf(items), isRead: false, place: { table } },
      context,
    )
    if (answer.ok) return answer.body
    const culprit = culpritOf(answer.message, items)
    throw culprit === undefined ? answer.error : named(answer.error, name(culprit.place))
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

  /** Removes what a failed call has stored, unless Grist can no longer be reached. */
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
        return failure.reworded(
          `${failure.message} The ${ids.size} records added before the error were removed again.`,
          {
            cause: failure,
          },
        )
    }
    const stored = ranges([...ids.keys()].map(({ place }) => place))
    return failure.reworded(
      `${failure.message} These ${name === byPosition ? 'records' : 'lines'} were stored and remain: ${stored}.`,
      { cause: failure, details: { ...failure.details, remaining: ids.size } },
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
          `${error.message} These ${name === byPosition ? 'records' : 'lines'} were already updated: ${ranges(stored)}.`,
          { cause: error, details: { ...error.details, updated: stored.length } },
        )
      }
      stored.push(...request.map(({ place }) => place))
    }
  }

  async function storeDeletes(table: string, ids: number[], context: CallContext): Promise<void> {
    for (let from = 0; from < ids.length; from += limits.batchRows) {
      const body = JSON.stringify(ids.slice(from, from + limits.batchRows))
      // This path also works on servers before 1.7.9.
      await client.need(
        { method: 'POST', path: `${writableTablePath(table)}/data/delete`, body, isRead: false, place: { table } },
        context,
      )
    }
  }

  /** Returns how many records exist, because Grist ignores unknown IDs. Counts all if Grist doesn't say. */
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
    ...upserts,
    upsertRecords: ({ table, records }, context) =>
      upserts.storeUpserts(
        table,
        records.map((record, place) => ({ place, ...record })),
        context,
      ),
    async addRecords({ table, records }, context) {
      const items = records.map((record, place) => checked(writeItem(place, record, null), byPosition))
      return { record_ids: await storeAdds(table, items, context) }
    },
    async updateRecords({ table, records }, context) {
      const changes = records.map(({ id, ...change }, place) => ({
        place,
        ...change,
        id: gristId(id, byPosition(place)),
      }))
      if (records.some(({ where }) => where !== undefined)) {
        await upserts.storeConditional(table, changes, context)
        return { updated: records.length }
      }
      const items = mergedById(changes).map(({ place, id, fields }) =>
        checked(writeItem(place, fields, id), byPosition),
      )
      await storeUpdates(table, items, context)
      return { updated: records.length }
    },
    async deleteRecords({ table, record_ids }, context) {
      const ids = [
        ...new Set(record_ids.map((id, index) => gristId(id, { prefix: '', field: `record_ids[${index}]` }))),
      ]
      const deleted = await countExisting(table, ids, context)
      await storeDeletes(table, ids, context)
      return { deleted }
    },
  }
}

/** Merges updates of the same record. The later value of each field wins, as if they had been sent one after the other. */
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

/** Never invents an ID, because the caller would change or delete that record next. */
function idOf(record: { id: unknown } | undefined): number {
  if (typeof record?.id === 'number') return record.id
  throw new HallpassError(
    'GRIST_ERROR',
    "Grist's response doesn't include the record IDs. The write may have succeeded.",
  )
}

/** Returns the record that Grist's message is about, if it names a column or a row. */
function culpritOf(message: string, items: WriteItem[]): WriteItem | undefined {
  const position = /body\.records\[(\d+)\]/.exec(message)
  if (position !== null) return items[Number(position[1])]
  const row = /Invalid row id (\d+)/.exec(message)
  if (row !== null) return items.find(({ id }) => id === Number(row[1]))
  const column = /Invalid column "([^"]*)"/.exec(message) ?? /formula column (\S+)/.exec(message)
  return column === null ? undefined : items.find(({ columns }) => columns.includes(column[1] ?? ''))
}
