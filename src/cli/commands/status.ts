import { printDetails, printStructured, timestamp, type Format } from '../output/output.ts'
import { withEngine } from '../with-engine.ts'

export async function status({ output }: { output: Format }): Promise<void> {
  const found = await withEngine(({ api }) => api.status())
  if (output !== 'table') return printStructured(found, output)
  printDetails([
    ['Version', found.version],
    ['URL', found.url],
    ['Web console', found.console_url],
    ['Access', found.paused ? 'paused' : 'active'],
    ['Active tokens', found.tokens_active],
    ['Active session tokens', found.sessions_active],
    ['Requests today', found.requests_today],
    ['Last request', timestamp(found.last_request_at, 'never')],
    ['Pending approvals', found.approvals_waiting],
    ['Connections down', found.connections_down.length === 0 ? 'none' : found.connections_down.join(', ')],
    ['Secret store', `${found.secret_store}${found.secret_store_ok ? '' : ' (unavailable)'}`],
    ['Data folder', found.home],
    ['Started', timestamp(found.started_at)],
    ['Process ID', found.pid],
    ['Notices', found.notices.length === 0 ? 'none' : found.notices],
  ])
}
