import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Configuration } from '../../../contract/configuration.ts'
import { HallpassError, invalidRequest } from '../../../contract/errors.ts'
import type { TriedConnection } from '../../connections/connectors.ts'
import { Secret } from '../../secrets/secret.ts'
import { createTurns } from '../../running/turns.ts'
import { storedConfig } from '../connections/connection-config.ts'
import type { OwnerOutputs, OwnerParts } from '../owner-parts.ts'
import { atPath, emptyPlan, within, type ConnectionCheck, type EnteredSecret, type Plan } from './plan.ts'
import { planConnections } from './plan-connections.ts'
import { planProjects } from './plan-projects.ts'

type Applied = OwnerOutputs['configuration']['apply']

interface ApplyInput {
  configuration: Configuration
  prune?: boolean | undefined
  dry_run?: boolean | undefined
  secrets?: Readonly<Record<string, { value: string }>> | undefined
  keep_secrets?: boolean | undefined
  confirm?: 'reachable' | undefined
}

interface Tested {
  check: ConnectionCheck
  tried: TriedConnection
  latencyMs: number
}

/** Maximum number of connections tested at the same time. */
const CONCURRENT_TESTS = 4

/** Makes everything match the configuration. Tests connections first, then writes all changes in one transaction. */
export async function applyConfiguration(parts: OwnerParts, input: ApplyInput): Promise<Applied> {
  const { secrets } = parts
  const entered = enteredSecrets(input)
  const planned = planConfiguration(parts, input, entered)
  const unchanged = { ...resultOf(planned), new_tokens: [], sessions_ended: 0, requests_cut: 0 }
  if (input.dry_run === true) return unchanged
  if (planned.changes.length === 0 && entered.size === 0) return unchanged
  throwAll(planned.movedSecrets)
  const tested = await testAll(parts, planned.checks)
  try {
    for (const own of entered.values()) own.location = await secrets.keep(own.account, own.secret)
    return await write(parts, input, entered, planned, tested)
  } catch (thrown) {
    for (const { location, account } of entered.values()) if (location !== null) await secrets.forget(location, account)
    throw thrown
  }
}

async function write(
  parts: OwnerParts,
  input: ApplyInput,
  entered: Entered,
  planned: Plan,
  tested: readonly Tested[],
): Promise<Applied> {
  // Planned again, because anything may have changed during the tests. Nothing can until it is written.
  const plan = planConfiguration(parts, input, entered)
  if (!isDeepStrictEqual(plan.changes, planned.changes))
    throw invalidRequest('Something changed while the connections were being tested. Run it again.', 'configuration', {
      reason: 'changed',
    })
  takeTestedConfigs(plan, tested)
  const { created } = parts.store.write.applyConfiguration(plan.writes)
  const ended = await parts.access.settle({ created, deleted: plan.deletedTokens })
  if (plan.writes.setting !== null) parts.settings.reload()
  await afterwards(parts, plan, tested)
  return { ...resultOf(plan), new_tokens: plan.secrets, ...ended }
}

type Entered = Map<string, EnteredSecret>

function enteredSecrets({ configuration, secrets = {} }: ApplyInput): Entered {
  return new Map(
    Object.entries(secrets).map(([name, { value }]) => {
      if (!Object.hasOwn(configuration.connections ?? {}, name))
        throw invalidRequest(`The configuration has no connection "${name}" for this secret.`, `secrets.${name}`)
      return [name, { secret: new Secret(value), account: randomUUID(), location: null }]
    }),
  )
}

function resultOf({
  changes,
  missingSecrets,
  warnings,
  movedSecrets,
}: Plan): Pick<Applied, 'changes' | 'missing_secrets' | 'warnings' | 'moved_secrets'> {
  const moved = movedSecrets.map(({ message }) => message)
  return { changes, missing_secrets: missingSecrets, warnings, moved_secrets: moved }
}

function planConfiguration(
  parts: OwnerParts,
  { configuration, prune = false, keep_secrets: keep = false, confirm }: ApplyInput,
  entered: Entered,
): Plan {
  const { store, settings } = parts
  const plan = emptyPlan()
  if (configuration.settings !== undefined) {
    const { next, stored } = within('settings', () => settings.checked(configuration.settings ?? {}))
    const [before, after] = [{ ...settings.current }, { ...next }]
    if (!isDeepStrictEqual(before, after)) {
      within('settings', () => parts.checkNetwork?.({ before: settings.current, next, isTyped: confirm !== undefined }))
      plan.changes.push({ action: 'update', kind: 'settings', name: 'settings', before, after })
      plan.writes.setting = stored
    }
  }
  const { connections = {}, projects = {} } = configuration
  planConnections(parts, connections, prune && configuration.connections !== undefined, { entered, keep }, plan)
  const deleted = new Set(plan.deletedConnections.map(({ name }) => name))
  const kinds = new Map([
    ...store.read.connections().flatMap(({ name, kind }) => (deleted.has(name) ? [] : [[name, kind] as const])),
    ...Object.entries(connections).map(([name, { kind }]) => [name, kind] as const),
  ])
  planProjects(parts, projects, kinds, prune && configuration.projects !== undefined, plan)
  return plan
}

/** Tests all connections and reports every one that fails, so that a file can be fixed at once. */
async function testAll(parts: OwnerParts, checks: readonly ConnectionCheck[]): Promise<Tested[]> {
  const turns = createTurns(CONCURRENT_TESTS)
  const results = await Promise.allSettled(checks.map((check) => turns.run(() => testOne(parts, check))))
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [atPath(`connections.${checks[index]?.name}`, result.reason)] : [],
  )
  throwAll(failures)
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** Throws one error for all failures, if there are any. */
function throwAll(failures: readonly unknown[]): void {
  const [first, ...others] = failures
  if (first === undefined) return
  if (!(first instanceof HallpassError) || others.length === 0) throw first
  const issues = failures.map((failure) => ({
    field: failure instanceof HallpassError ? (failure.field ?? '') : '',
    message: failure instanceof HallpassError ? failure.message : 'Unexpected error.',
  }))
  throw first.reworded(issues.map(({ message }) => message).join(' '), { details: { issues } })
}

async function testOne({ secrets, connectors, clock }: OwnerParts, check: ConnectionCheck): Promise<Tested> {
  const { secret, config } = check
  const start = clock.monotonic()
  const value =
    secret === null || secret instanceof Secret
      ? (secret ?? undefined)
      : await secrets.fetch(secret.location, secret.account, { fresh: true })
  const tried = await connectors.check(config, value)
  return { check, tried, latencyMs: clock.monotonic() - start }
}

/** Writes configurations as the tests completed them, for example with the transport that a server speaks. */
function takeTestedConfigs(plan: Plan, tested: readonly Tested[]): void {
  const { created, updated } = plan.writes.connections
  for (const { check, tried } of tested) {
    const config = storedConfig(tried.config)
    const fresh = created.find(({ name }) => name === check.name)
    if (fresh !== undefined) fresh.config = config
    const row = updated.find(({ id }) => id === check.id)
    if (row !== undefined) row.config = config
  }
}

/** Applies the written changes outside the database. Problems become warnings, because the changes are already stored. */
async function afterwards(parts: OwnerParts, plan: Plan, tested: readonly Tested[]): Promise<void> {
  const { store, connectors, health, secrets } = parts
  const attempt = async (name: string, advice: string, work: () => unknown): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      // Thrown, it would hide the secrets of the new tokens, which are stored by now.
      const error =
        thrown instanceof HallpassError ? thrown : new HallpassError('INTERNAL', 'Unexpected error.', { cause: thrown })
      if (error.code === 'INTERNAL') parts.report?.(error)
      plan.warnings.push(`Connection "${name}": ${error.message} ${advice}`.trimEnd())
    }
  }
  for (const { id, name } of plan.deletedConnections) {
    health.forget(id)
    await attempt(name, '', () => connectors.forget(id))
  }
  const changed = new Set([
    ...plan.writes.connections.updated.map(({ id }) => id),
    ...plan.writes.connections.tools.map(({ connectionId }) => connectionId),
  ])
  for (const { id, name } of store.read.connections()) {
    if (changed.has(id)) await attempt(name, '', () => connectors.forget(id))
    if (plan.droppedDocuments.includes(id)) await attempt(name, '', () => connectors.http.dropCatalog(id))
  }
  for (const { check, tried, latencyMs } of tested) {
    const { name, tools } = check
    const row = store.read.connection(name)
    if (row === null) continue
    if (tried.problem === null) health.answered(row.id, latencyMs)
    else health.down(row.id, tried.problem)
    await attempt(name, `Run hallpass refresh ${name}`, () => tried.stored(name))
    for (const [tool, permission] of Object.entries(tools))
      await attempt(name, 'Apply the file again later.', () => connectors.mcp.setPermission(name, tool, permission))
  }
  for (const { name, location, account } of plan.forgottenSecrets)
    await attempt(name, 'A secret that is no longer used is still stored.', () => secrets.forget(location, account))
}
