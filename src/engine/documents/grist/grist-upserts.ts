import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { CallContext } from '../document-connector.ts'
import { requestsOf } from './grist-batches.ts'
import type { GristClient } from './grist-client.ts'
import type { GristLimits } from './grist-limits.ts'
import { writableTablePath } from './grist-names.ts'
import { byPosition, invalidRecord, named, type Naming } from './records/record-naming.ts'

type Upserted = { added: number; updated: number; record_ids: number[] }
interface UpsertItem {
  place: number
  require: Record<string, unknown>
  fields: Record<string, unknown>
}
interface ConditionalItem {
  place: number
  id: number
  fields: Record<string, unknown>
  where?: Record<string, unknown> | undefined
}

export interface GristUpserts {
  storeUpserts(table: string, items: UpsertItem[], context: CallContext, name?: Naming): Promise<Upserted>
  /** Updates records that still have the values of their `where`. Throws INVALID_REQUEST that names the first that doesn't. */
  storeConditional(table: string, items: ConditionalItem[], context: CallContext, name?: Naming): Promise<void>
}

/** Returns the writes that find their record by its values. */
export function createGristUpserts(client: GristClient, limits: GristLimits): GristUpserts {
  const batch = { bodyBytes: limits.bodyBytes, rows: limits.batchRows }

  async function storeUpserts(
    table: string,
    items: UpsertItem[],
    context: CallContext,
    name: Naming = byPosition,
  ): Promise<Upserted> {
    const done: Upserted = { added: 0, updated: 0, record_ids: [] }
    for (const { place, require } of items)
      if (Object.keys(require).length === 0) throw invalidRecord(name(place), '"require" needs at least one column.')
    for (const part of putRequests(items)) {
      const answer = await put(table, part, '', context, name)
      done.added += answer.addRecordIds.length
      done.updated += part.length - answer.addRecordIds.length
      done.record_ids.push(...answer.recordIds.map(([id]) => id ?? 0))
    }
    return done
  }

  async function storeConditional(
    table: string,
    items: ConditionalItem[],
    context: CallContext,
    name: Naming = byPosition,
  ): Promise<void> {
    const entries = items.map(({ place, id, fields, where }) => ({ place, require: { id, ...where }, fields }))
    for (const part of putRequests(entries)) {
      const answer = await put(table, part, '?noadd=1', context, name)
      const missed = part[answer.recordIds.findIndex((ids) => ids.length === 0)]
      if (missed !== undefined)
        throw named(
          invalidRequest(
            'The record no longer has these values. The other records of this request were updated.',
            undefined,
            { reason: 'condition_failed' },
          ),
          name(missed.place),
        )
    }
  }

  function putRequests(items: UpsertItem[]): UpsertItem[][] {
    const sized = items.map((item) => ({ ...item, shape: '', bytes: Buffer.byteLength(JSON.stringify(item)) }))
    return requestsOf(sized, batch)
  }

  async function put(
    table: string,
    items: UpsertItem[],
    query: string,
    context: CallContext,
    name: Naming,
  ): Promise<{ recordIds: number[][]; addRecordIds: number[] }> {
    const body = JSON.stringify({ records: items.map(({ require, fields }) => ({ require, fields })) })
    const path = `${writableTablePath(table)}/records${query}`
    const answer = await client.ask({ method: 'PUT', path, body, isRead: false, place: { table } }, context)
    if (!answer.ok) {
      const position = /body\.records\[(\d+)\]/.exec(answer.message)?.[1]
      const item = position === undefined ? undefined : items[Number(position)]
      throw item === undefined ? answer.error : named(answer.error, name(item.place))
    }
    const { recordIds, addRecordIds } = (answer.body ?? {}) as { recordIds?: number[][]; addRecordIds?: number[] }
    if (Array.isArray(recordIds) && Array.isArray(addRecordIds)) return { recordIds, addRecordIds }
    throw new HallpassError(
      'GRIST_ERROR',
      "The Grist server is older than 1.7.13 and doesn't report the result. The write may have succeeded.",
    )
  }

  return { storeUpserts, storeConditional }
}
