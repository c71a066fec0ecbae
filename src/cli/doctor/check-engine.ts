import type { ClientRecord, ConnectionRecord } from '../../contract/records.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { HallpassError } from '../../contract/errors.ts'
import { version } from '../../engine/version.ts'
import { callerEnvironment } from '../caller-environment.ts'
import { broken, ok, warning, type Finding } from './finding.ts'

const SLOW_MS = 1000
const REACH_MS = 5000
/** Clocks of file systems and programs differ a little. */
const CLOCK_TOLERANCE_MS = 60_000
const CONCURRENT_TESTS = 4

type Status = Awaited<ReturnType<OwnerClient['status']>>

/** Checks a running engine: itself, its secret store, the clients' configurations and every connection. */
export async function checkEngine(api: OwnerClient, now: number): Promise<Finding[]> {
  const status = await api.status()
  return [
    engine(status),
    await address(status.url),
    secretStore(status),
    ...clock(status, now),
    ...(status.paused ? [warning('access', 'All access is paused.', 'hallpass resume')] : []),
    ...status.notices.map((notice) => warning('notice', notice, 'hallpass status')),
    ...(await clients(api)),
    ...(await connections(api)),
  ]
}

function engine({ pid, url, version: running }: Status): Finding {
  if (running === version) return ok('engine', `Running at ${url} (process ${pid})`)
  return warning(
    'engine',
    `The engine runs version ${running}, and this command is version ${version}.`,
    'hallpass stop, then start Hallpass again',
  )
}

/** Asks as a program would, and measures the time to the answer. */
async function address(url: string): Promise<Finding> {
  const start = performance.now()
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(REACH_MS) })
    const took = Math.round(performance.now() - start)
    await response.body?.cancel()
    if (!response.ok)
      return broken('port', `${url} answers, but isn't ready (HTTP ${response.status}).`, 'hallpass status')
    if (took <= SLOW_MS) return ok('port', `${url} answered in ${took} ms`)
    return warning('port', `${url} took ${took} ms to answer.`, 'Check the load of this computer')
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
    const code = (cause as NodeJS.ErrnoException).code ?? (cause as Error).name
    return broken(
      'port',
      `Programs can't reach ${url} from this terminal (${code}).`,
      'Check the proxy and firewall settings of this computer, and the certificate if it has one',
    )
  }
}

function secretStore(status: Status): Finding {
  if (status.secret_store_ok && status.secret_store_kind !== 'none') return ok('secret store', status.secret_store)
  return broken(
    'secret store',
    status.secret_store,
    'Unlock the keychain, or set HALLPASS_VAULT_KEY_FILE to keep secrets in an encrypted file, then restart Hallpass',
  )
}

function clock({ last_request_at: last }: Status, now: number): Finding[] {
  if (last === null || Date.parse(last) <= now + CLOCK_TOLERANCE_MS) return []
  return [
    broken('clock', `The clock is behind the last request, which was at ${last}.`, 'Set the clock of this computer'),
  ]
}

async function clients(api: OwnerClient): Promise<Finding[]> {
  const found = new Map<string, ClientRecord & { project: string }>()
  for (const { name: project } of await api.projects.list()) {
    const list = await api.clients.list({ project, environment: callerEnvironment() }).catch((thrown: unknown) => {
      // A copy of Hallpass that runs from a temporary location can't connect clients.
      if (thrown instanceof HallpassError && thrown.code === 'INVALID_REQUEST') return []
      throw thrown
    })
    for (const client of list) {
      const known = found.get(client.id)
      if (known === undefined || rank(client) > rank(known)) found.set(client.id, { ...client, project })
    }
  }
  return [...found.values()].flatMap((client): Finding[] => {
    const { id, name, state, project, config_path: path, message } = client
    if (state === 'connected') return [ok('client', `${name} is connected to project ${project}`)]
    if (state === 'drifted')
      return [
        warning('client', message ?? `The entry of ${name} no longer works.`, `hallpass connect ${id} -p ${project}`),
      ]
    if (state === 'unreadable') return [warning('client', message ?? `${path} can't be read.`, `Repair ${path}`)]
    return []
  })
}

function rank({ state }: ClientRecord): number {
  return ['absent', 'installed', 'connected', 'unreadable', 'drifted'].indexOf(state)
}

async function connections(api: OwnerClient): Promise<Finding[]> {
  const rows = await api.connections.list({})
  const findings: Finding[] = []
  for (let at = 0; at < rows.length; at += CONCURRENT_TESTS)
    findings.push(...(await Promise.all(rows.slice(at, at + CONCURRENT_TESTS).map((row) => connection(api, row)))))
  return findings
}

async function connection(api: OwnerClient, { name, projects }: ConnectionRecord): Promise<Finding> {
  const { ok: isUp, message, latency_ms: took } = await api.connections.test({ name })
  const check = `connection ${name}`
  if (!isUp) return warning(check, message, `Fix it, then run hallpass test connection ${name}`)
  if (projects.length === 0)
    return warning(check, `Up (${Math.round(took)} ms), but in no project.`, `hallpass include ${name} -p PROJECT`)
  return ok(check, `Up (${Math.round(took)} ms)`)
}
