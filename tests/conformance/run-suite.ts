import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const SUITE = join(dirname(require.resolve('@modelcontextprotocol/conformance/package.json')), 'dist/index.js')

export const REVISIONS = ['2025-11-25', '2026-07-28'] as const
export type Revision = (typeof REVISIONS)[number]

/** Scenario → its checks as `id: STATUS`, sorted: some run at the same time. */
export type Outcome = Record<string, string[]>

interface Check {
  id: string
  status: string
  errorMessage?: string
}

/** Runs what a revision requires of one side. Returns every check of every scenario, including those that are not scored. */
export async function runSuite(
  side: 'server' | 'client',
  revision: Revision,
  options: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const results = await mkdtemp(join(tmpdir(), 'hallpass-conformance-'))
  try {
    await new Promise<void>((resolve) => {
      // A scenario that fails makes the exit code 1; the checks tell which.
      const call = [SUITE, side, ...options, '--requirements', revision, '-o', results]
      execFile(
        process.execPath,
        call,
        { timeout: 880_000, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } },
        () => resolve(),
      )
    })
    return await read(results)
  } finally {
    await rm(results, { recursive: true, force: true })
  }
}

async function read(folder: string): Promise<Outcome> {
  const outcome: Outcome = {}
  for (const entry of await readdir(folder, { recursive: true })) {
    if (!entry.endsWith('checks.json')) continue
    const checks = JSON.parse(await readFile(join(folder, entry), 'utf8')) as Check[]
    // The folder is named after the scenario and the instant.
    const scenario = dirname(entry)
      .replace(/^(?:server|client)-/, '')
      .replace(/-\d{4}-\d\d-\d\dT.*$/, '')
    outcome[scenario] = checks
      .filter(({ status }) => status !== 'INFO')
      .map(({ id, status }) => `${id}: ${status}`)
      .toSorted()
  }
  return outcome
}

/** The scenarios of which no check failed. */
export function passed(outcome: Outcome): string[] {
  return Object.keys(outcome)
    .filter((scenario) => !outcome[scenario]?.some((check) => /: (?:FAILURE|WARNING)$/.test(check)))
    .toSorted()
}

/** Scenarios that decide about conformance to a revision, as the suite's own frozen list has them. */
export async function required(side: 'server' | 'client', revision: Revision): Promise<string[]> {
  const text = await readFile(join(dirname(SUITE), '..', 'requirements', `${revision}.yaml`), 'utf8')
  const [, section = ''] = new RegExp(`^${side}:\\n((?:  - .*\\n)+)`, 'm').exec(text) ?? []
  return [...section.matchAll(/^  - (\S+)$/gm)].map(([, name = '']) => name).toSorted()
}
