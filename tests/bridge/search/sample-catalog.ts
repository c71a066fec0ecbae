import type { SourceTool } from '../../../src/engine/bridge/tools/tool-source.ts'

type Line = [name: string, description: string, parameters: string[], permission?: 'write']

function tool(connection: string, [ownName, description, parameters, permission = undefined]: Line): SourceTool {
  return {
    connection,
    definition: {
      name: `${connection}__${ownName}`,
      description,
      inputSchema: {
        type: 'object',
        properties: Object.fromEntries(parameters.map((name) => [name, { type: 'string' }])),
        required: parameters.slice(0, 1),
      },
      annotations: { readOnlyHint: permission !== 'write' },
    },
    demand: { permission: permission ?? 'read', connection, tool: ownName },
  }
}

const shop: Line[] = [
  ['listOrders', 'List orders\n\nGET /v2/orders', ['status', 'limit']],
  ['getOrder', 'Get an order\n\nGET /v2/orders/{order_id}', ['order_id']],
  ['createOrder', 'Create an order\n\nPOST /v2/orders', ['customer_id', 'lines'], 'write'],
  ['updateOrder', 'Update an order\n\nPATCH /v2/orders/{order_id}', ['order_id', 'status'], 'write'],
  ['cancelOrder', 'Cancel an order\n\nPOST /v2/orders/{order_id}/cancel', ['order_id', 'reason'], 'write'],
  ['deleteOrder', 'Delete an order\n\nDELETE /v2/orders/{order_id}', ['order_id'], 'write'],
  ['listCustomers', 'List customers\n\nGET /v2/customers', ['email']],
  ['createCustomer', 'Create a customer\n\nPOST /v2/customers', ['email', 'name'], 'write'],
  ['deleteCustomer', 'Delete a customer\n\nDELETE /v2/customers/{customer_id}', ['customer_id'], 'write'],
  ['searchProducts', 'Search the product catalog\n\nGET /v2/products/search', ['query']],
  ['updateProductPrice', 'Change the price of a product\n\nPUT /v2/products/{sku}/price', ['sku', 'amount'], 'write'],
  ['listInvoices', 'List invoices\n\nGET /v2/invoices', ['customer_id', 'paid']],
  ['sendInvoice', 'Send an invoice by mail\n\nPOST /v2/invoices/{invoice_id}/send', ['invoice_id'], 'write'],
  ['refundPayment', 'Refund a payment\n\nPOST /v2/payments/{payment_id}/refunds', ['payment_id'], 'write'],
  ['listOrdersLegacy', 'Deprecated. List orders\n\nGET /v1/orders', ['page']],
]
const tracker: Line[] = [
  ['list_issues', 'List issues of a repository, newest first.', ['repository', 'state']],
  ['get_issue', 'Return one issue with its comments.', ['repository', 'number']],
  ['create_issue', 'Create an issue.', ['repository', 'title', 'body'], 'write'],
  ['add_issue_comment', 'Add a comment to an issue.', ['repository', 'number', 'body'], 'write'],
  ['update_issue', 'Change title, state or labels of an issue.', ['repository', 'number'], 'write'],
  ['list_pull_requests', 'List pull requests of a repository.', ['repository', 'state']],
  ['create_pull_request', 'Open a pull request for a branch.', ['repository', 'head', 'base'], 'write'],
  ['merge_pull_request', 'Merge a pull request.', ['repository', 'number'], 'write'],
  ['get_pull_request_files', 'List the files that a pull request changes.', ['repository', 'number']],
  ['create_branch', 'Create a branch from a commit.', ['repository', 'name'], 'write'],
  ['delete_branch', 'Delete a branch.', ['repository', 'name'], 'write'],
  ['search_code', 'Find code in all repositories.', ['query']],
]
const files: Line[] = [
  ['read_text_file', 'Read the complete contents of a file as text.', ['path', 'head', 'tail']],
  ['write_file', 'Create a new file, or overwrite one.', ['path', 'content'], 'write'],
  ['edit_file', 'Make line-based edits to a text file.', ['path', 'edits'], 'write'],
  ['move_file', 'Move or rename files and directories.', ['source', 'destination'], 'write'],
  ['create_directory', 'Create a directory, with its parents.', ['path'], 'write'],
  ['list_directory', 'List what is in a directory.', ['path']],
  ['search_files', 'Search for files by name pattern.', ['path', 'pattern']],
  ['get_file_info', 'Size, dates and permissions of a file.', ['path']],
]
const japanese: Line[] = [
  ['list_chumon', '注文の一覧を返します。', ['顧客']],
  ['create_kokyaku', '新しい顧客を作成します。', ['名前'], 'write'],
]

/** Tools of our own making, shaped like those of an HTTP API, an issue tracker, a file server and one that isn't in English. */
export const SAMPLE_CATALOG: readonly (readonly SourceTool[])[] = [
  shop.map((line) => tool('shop', line)),
  tracker.map((line) => tool('tracker', line)),
  files.map((line) => tool('files', line)),
  japanese.map((line) => tool('nippon', line)),
]

/** Question and the tool that answers it. */
export const SAMPLE_QUERIES: readonly (readonly [query: string, tool: string])[] = [
  ['list orders', 'shop__listOrders'],
  ['which orders came in', 'shop__listOrders'],
  ['show an order', 'shop__getOrder'],
  ['make a new order', 'shop__createOrder'],
  ['change an order', 'shop__updateOrder'],
  ['cancel an order', 'shop__cancelOrder'],
  ['remove an order', 'shop__deleteOrder'],
  ['register a client', 'shop__createCustomer'],
  ['find a product', 'shop__searchProducts'],
  ['change the price of an item', 'shop__updateProductPrice'],
  ['unpaid bills', 'shop__listInvoices'],
  ['mail an invoice', 'shop__sendInvoice'],
  ['give money back for a payment', 'shop__refundPayment'],
  ['open issues', 'tracker__list_issues'],
  ['report a bug', 'tracker__create_issue'],
  ['reply to an issue', 'tracker__add_issue_comment'],
  ['close an issue', 'tracker__update_issue'],
  ['open a PR', 'tracker__create_pull_request'],
  ['list pull requests', 'tracker__list_pull_requests'],
  ['files changed in a pull request', 'tracker__get_pull_request_files'],
  ['drop a branch', 'tracker__delete_branch'],
  ['search code of the repo', 'tracker__search_code'],
  ['read a file', 'files__read_text_file'],
  ['rename a file', 'files__move_file'],
  ['new folder', 'files__create_directory'],
  ['size of a file', 'files__get_file_info'],
  ['find files by name', 'files__search_files'],
  ['顧客を作成', 'nippon__create_kokyaku'],
  ['注文', 'nippon__list_chumon'],
]
