import { HallpassError, invalidRequest } from '../../src/contract/errors.ts'
import type { Grant } from '../../src/contract/grants.ts'
import type { ConnectionRow, McpToolRow, ProjectRow, TokenRow, TokenUse } from '../../src/engine/store/rows.ts'
import type { Store } from '../../src/engine/store/store.ts'

/** Creates a store in memory: projects, connections, inclusions, tokens and settings. It stores no request rows. */
export function createMemoryStore(): Store {
  const projects = new Map<number, ProjectRow>()
  const connections = new Map<number, ConnectionRow>()
  const inclusions = new Map<number, Set<number>>()
  const tokens = new Map<number, TokenRow>()
  const settings = new Map<string, string>()
  const uses = new Map<number, TokenUse>()
  const catalogs = new Map<number, { content: string; fetched_at: number }>()
  const tools = new Map<number, Map<string, McpToolRow>>()
  let lastId = 0
  const nextId = (): number => {
    lastId += 1
    return lastId
  }
  const includedNames = (projectId: number): Set<string> =>
    new Set([...(inclusions.get(projectId) ?? [])].flatMap((id) => connections.get(id)?.name ?? []))
  const reachable = (row: TokenRow): TokenRow => {
    const names = includedNames(row.project_id)
    return structuredClone({ ...row, grants: row.grants.filter((grant) => names.has(grant.connection)) })
  }
  const found = (test: (row: TokenRow) => boolean): TokenRow | null => {
    const row = [...tokens.values()].find(test)
    return row === undefined ? null : reachable(row)
  }
  const dropGrants = (projectId: number | null, name: string): void => {
    const keep = (grant: Grant): boolean => grant.connection !== name
    for (const row of tokens.values())
      if (projectId === null || row.project_id === projectId) row.grants = row.grants.filter(keep)
  }

  return {
    file: ':memory:',
    notices: [],
    read: {
      projects: () => [...projects.values()],
      project: (name) => [...projects.values()].find((row) => row.name === name) ?? null,
      connections: (projectId) =>
        [...connections.values()].filter(
          (row) => projectId === undefined || inclusions.get(projectId)?.has(row.id) === true,
        ),
      connection: (name) => [...connections.values()].find((row) => row.name === name) ?? null,
      projectsOf: (id) =>
        [...projects.values()].filter((row) => inclusions.get(row.id)?.has(id) === true).map((row) => row.name),
      includes: (projectId, connectionId) => inclusions.get(projectId)?.has(connectionId) === true,
      tokens: (projectId) =>
        [...tokens.values()].filter((row) => projectId === undefined || row.project_id === projectId).map(reachable),
      token: (projectId, name) => found((row) => row.project_id === projectId && row.name === name),
      tokenByHash: (hash) => found((row) => row.hash === hash || row.former_hash === hash),
      tokenById: (id) => found((row) => row.id === id),
      tokenUse: (id) => uses.get(id) ?? null,
      formerToken: () => null,
      setting: (key) => settings.get(key) ?? null,
      mcpCatalog: (id) => catalogs.get(id) ?? null,
      mcpTools: (id) => [...(tools.get(id)?.values() ?? [])],
    },
    write: {
      createProject(name, createdAt) {
        const row: ProjectRow = {
          id: nextId(),
          name,
          created_at: createdAt,
          mode: 'all',
          pass_through: null,
          answer_chars: null,
          description: '',
          pinned: false,
          payloads_until: null,
        }
        projects.set(row.id, row)
        inclusions.set(row.id, new Set())
        return row
      },
      updateProject(id, { mode, answer_chars: chars, passThrough }) {
        const row = projects.get(id)
        const servers = [...connections.values()].filter(
          (one) => one.kind === 'mcp' && inclusions.get(id)?.has(one.id) === true,
        )
        const isPassable = typeof passThrough !== 'string' || (servers.length === 1 && servers[0]?.name === passThrough)
        if (row === undefined || !isPassable) return false
        projects.set(id, {
          ...row,
          mode: mode ?? row.mode,
          answer_chars: chars === undefined ? row.answer_chars : chars,
          pass_through: passThrough === undefined ? row.pass_through : passThrough,
        })
        return true
      },
      deleteProject(id) {
        projects.delete(id)
        inclusions.delete(id)
        for (const row of tokens.values()) if (row.project_id === id) tokens.delete(row.id)
      },
      createConnection(connection, inclusion) {
        const config = { kind: connection.kind, ...connection.config }
        const own = { description: '', paused: false, revision: 1, secret_set_at: null, last_used_at: null }
        const row = { id: nextId(), ...connection, config, ...own } as ConnectionRow
        connections.set(row.id, row)
        if (inclusion !== undefined) inclusions.get(inclusion.projectId)?.add(row.id)
        const project = inclusion?.passThrough === true ? projects.get(inclusion.projectId) : undefined
        if (project !== undefined) project.pass_through = row.name
        return row
      },
      replaceSecret(id, home, account) {
        const old = connections.get(id)
        if (old === undefined) return null
        connections.set(id, { ...old, secret_location: home, secret_account: account })
        return { secret_location: old.secret_location, secret_account: old.secret_account }
      },
      setSecretLocation(id, home, account) {
        const row = connections.get(id)
        if (row?.secret_account !== account) return false
        connections.set(id, { ...row, secret_location: home })
        return true
      },
      deleteUnusedConnection(id, account) {
        const isIncluded = [...inclusions.values()].some((members) => members.has(id))
        return !isIncluded && connections.get(id)?.secret_account === account && connections.delete(id)
      },
      touchConnections(lastUsed) {
        for (const [id, at] of lastUsed) {
          const row = connections.get(id)
          if (row !== undefined) connections.set(id, { ...row, last_used_at: at })
        }
      },
      deleteConnection(id) {
        const name = connections.get(id)?.name ?? ''
        connections.delete(id)
        for (const members of inclusions.values()) members.delete(id)
        dropGrants(null, name)
      },
      include(projectId, connectionId) {
        if (!projects.has(projectId) || !connections.has(connectionId)) return false
        inclusions.get(projectId)?.add(connectionId)
        return true
      },
      exclude(projectIds, connectionId) {
        for (const projectId of projectIds) {
          inclusions.get(projectId)?.delete(connectionId)
          dropGrants(projectId, connections.get(connectionId)?.name ?? '')
        }
      },
      createToken(token) {
        if (found((row) => row.project_id === token.project_id && row.name === token.name) !== null) {
          throw new HallpassError('INVALID_REQUEST', `Token "${token.name}" already exists in this project.`)
        }
        const row: TokenRow = {
          mode: null,
          answer_chars: null,
          budget: null,
          description: '',
          paused: 0,
          former_hash: null,
          former_until: null,
          revision: 1,
          id: nextId(),
          ...structuredClone(token),
          revoked_at: null,
          last_used_at: null,
        }
        tokens.set(row.id, row)
        return reachable(row)
      },
      revokeToken(id, at) {
        const row = tokens.get(id)
        if (row !== undefined) row.revoked_at ??= at
      },
      replaceToken(token) {
        const replaced = found((row) => row.project_id === token.project_id && row.name === token.name)
        if (replaced !== null) tokens.delete(replaced.id)
        return { row: this.createToken(token), replaced }
      },
      rotateToken(id, ifHash, next, overlapUntil = null) {
        const row = tokens.get(id)
        if (row?.hash !== ifHash || row.revoked_at !== null) return false
        const former = { former_hash: overlapUntil === null ? null : ifHash, former_until: overlapUntil }
        Object.assign(row, next, former)
        return true
      },
      extendToken(id, revision, expiresAt) {
        const row = tokens.get(id)
        if (row?.revision !== revision || row.revoked_at !== null) return false
        Object.assign(row, { expires_at: expiresAt, revision: revision + 1 })
        return true
      },
      updateToken(id, projectId, revision, values) {
        const row = tokens.get(id)
        for (const other of tokens.values())
          if (other.id !== id && other.project_id === projectId && other.name === values.name)
            throw invalidRequest(`Token "${other.name}" already exists in this project.`, 'name', { reason: 'exists' })
        if (row?.revision !== revision) return false
        Object.assign(row, structuredClone(values), { revision: revision + 1 })
        return true
      },
      deleteToken: (id) => void tokens.delete(id),
      touchTokens(lastUsed) {
        for (const [id, at] of lastUsed) {
          const row = tokens.get(id)
          if (row !== undefined) row.last_used_at = at
        }
      },
      setTokenUse(used) {
        for (const [id, use] of used) uses.set(id, { ...use })
      },
      setMcpCatalog(id, content, fetchedAt) {
        const kept = content ?? catalogs.get(id)?.content
        if (kept !== undefined) catalogs.set(id, { content: kept, fetched_at: fetchedAt })
      },
      setMcpTools(id, rows) {
        tools.set(id, new Map([...(tools.get(id) ?? []), ...rows.map((row) => [row.name, row] as const)]))
      },
      setMcpToolPermission(id, row) {
        const fresh = { rejected: null, enabled: true, former: null }
        const known = tools.get(id) ?? new Map<string, McpToolRow>()
        tools.set(id, new Map([...known, [row.name, { ...fresh, ...known.get(row.name), ...row }]]))
      },
      setSetting: (key, value) => void settings.set(key, value),
      setRevokingSetting: (key, value) => void settings.set(key, value),
      applyConfiguration() {
        throw new Error('A whole configuration is applied to a real store only.')
      },
      renameProject: (id, name) => void Object.assign(projects.get(id) ?? {}, { name }),
      updateConnection(id, revision, { secret, config, ...values }) {
        const row = connections.get(id)
        if (row?.revision !== revision) return false
        const kept = secret === undefined ? {} : { secret_location: secret.location, secret_account: secret.account }
        const next = { ...row, ...values, ...kept, config: { kind: row.kind, ...config }, revision: revision + 1 }
        connections.set(id, next as ConnectionRow)
        return true
      },
      renameConnection: (id, name) => void Object.assign(connections.get(id) ?? {}, { name }),
      renameToken: (id, _projectId, name) => void Object.assign(tokens.get(id) ?? {}, { name }),
      revokeAllTokens(at) {
        const live = [...tokens.values()].filter((row) => row.revoked_at === null)
        for (const row of live) row.revoked_at = at
        return live.length
      },
    },
    requests: {
      request: async () => null,
      requestsBetween: async () => [],
      requestEnds: async () => null,
      requestBounds: async () => null,
      idsWithin: async () => ({ from: 0, to: 0 }),
      scan: async () => ({ rows: [], next_before_id: null }),
      tallyNames: async () => ({ counts: [], reached: null }),
      tally: async () => ({ steps: [], reached: null }),
      requestCounts: async () => [],
      keyCounts: async () => [],
      sealedBetween: async () => [],
      async *verify() {},
      newestTime: () => null,
      write: () => undefined,
      highestId: () => 0,
      prune: async () => 0,
      count: () => undefined,
      pruneCounts: async () => undefined,
      canStart: false,
      start: () => undefined,
      settle: () => true,
      closeInterrupted: () => 0,
    },
    payloads: { write: () => [], read: () => null, prune: () => 0 },
    backUp: () => Promise.reject(new Error('There is no file to back up.')),
    close: () => undefined,
  }
}
