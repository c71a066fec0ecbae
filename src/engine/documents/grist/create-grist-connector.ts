import type { DocumentMethod, MethodData, MethodFields } from '../../../contract/methods/document-methods.ts'
import { HallpassError } from '../../../contract/errors.ts'
import { abortSignalOf } from '../../interruption.ts'
import type { Clock } from '../../clock.ts'
import type { DialRules } from '../../egress/dial-guard.ts'
import type { DialOptions } from '../../egress/upstream-pool.ts'
import type { CallContext, DocumentConnector } from '../document-connector.ts'
import { createGristAttachments } from './grist-attachments.ts'
import { createColumnMemory } from './records/column-memory.ts'
import { createGristClient } from './grist-client.ts'
import { GRIST_LIMITS } from './grist-limits.ts'
import type { GristLimits } from './grist-limits.ts'
import { columnsOf, describeTable, getRecords, listTables, sqlQuery } from './grist-reads.ts'
import { addColumn, createTable, deleteColumn, deleteTable, modifyColumn, renameTable } from './grist-schema.ts'
import { createTurns, type Turns } from '../../running/turns.ts'
import { openGristReadStream, writeGristStream } from './grist-streams.ts'
import { createGristWrites } from './grist-writes.ts'
import { parseGristAddress } from '../../../contract/upstreams/grist-address.ts'

type Methods = { [M in DocumentMethod]: (fields: MethodFields<M>, context: CallContext) => Promise<MethodData<M>> }

/**
 * Returns the connector of a Grist document over its REST API. `url` is the server's URL with `doc`, or the document's own URL.
 * Grist's errors become GRIST_ERROR with its own message, timeouts UPSTREAM_TIMEOUT. No message ever contains the key.
 */
export function createGristConnector(options: {
  url: string
  doc?: string
  clock: Clock
  dial: DialOptions & { rules: DialRules }
  limits?: Partial<GristLimits>
  /** The queue of SQL queries for a document of a server. Connections to one document share it. */
  queriesOf?: (document: string) => Turns
}): DocumentConnector {
  const address = parseGristAddress(options.url, options.doc)
  const limits = { ...GRIST_LIMITS, ...options.limits }
  // Several slow queries at once defeat Grist's own time limit and can block the document for everyone. The short ID of a
  // document is the beginning of the long one.
  const queries = options.queriesOf?.(`${address.server} ${address.doc.slice(0, 12)}`) ?? createTurns(1)
  const client = createGristClient(address, options.clock, limits, queries, options.dial)
  const memory = createColumnMemory(options.clock, (table, context) => columnsOf(client, table, context, false))
  const writes = createGristWrites(client, limits)

  const methods: Methods = {
    list_tables: (_fields, context) => listTables(client, context),
    describe_table: (fields, context) => describeTable(client, fields, context),
    get_records: (fields, context) => getRecords(client, fields, context, memory),
    sql_query: (fields, context) => sqlQuery(client, fields, context, memory),
    add_records: writes.addRecords,
    update_records: writes.updateRecords,
    upsert_records: writes.upsertRecords,
    delete_records: writes.deleteRecords,
    create_table: (fields, context) => createTable(client, fields, context),
    rename_table: (fields, context) => renameTable(client, fields, context),
    delete_table: (fields, context) => deleteTable(client, fields, context),
    add_column: (fields, context) => addColumn(client, fields, context),
    modify_column: (fields, context) => modifyColumn(client, fields, context),
    delete_column: (fields, context) => deleteColumn(client, fields, context),
  }

  return {
    call: (method, fields, context) => methods[method](fields, { ...context, signal: abortSignalOf(context.signal) }),
    openReadStream: (method, fields, context) => openGristReadStream({ client, memory }, method, fields, context),
    writeStream: (target, body, context) => writeGristStream(writes, limits, target, body, context),
    attachments: createGristAttachments(client),
    async probe(context) {
      const document = await client.need({ method: 'GET', path: '', isRead: true }, context)
      if (typeof document !== 'object' || document === null || !('id' in document)) {
        throw new HallpassError('GRIST_ERROR', `${address.server} doesn't seem to be a Grist server. Check the URL.`, {
          field: 'config.url',
        })
      }
      // Only this request opens the document. A document in the trash still has a description.
      await client.need({ method: 'GET', path: '/tables', isRead: true }, context)
    },
    close: () => client.close(),
  }
}
