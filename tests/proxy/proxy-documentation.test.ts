import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DOCUMENT_METHODS } from '../../src/contract/methods/document-methods.ts'
import { ERROR_TABLE } from '../../src/contract/error-table.ts'
import type { ProxyDocumentation } from '../../src/contract/proxy-documentation.ts'
import { startHttpRig, type HttpRig } from '../http/support/start-http-rig.ts'

const run = promisify(execFile)

async function hasRequests(): Promise<boolean> {
  return run('python3', ['-c', 'import requests']).then(
    () => true,
    () => false,
  )
}

describe('the proxy documentation', async () => {
  const python = await hasRequests()
  let rig: HttpRig
  let folder: string
  let documentation: ProxyDocumentation
  beforeAll(async () => {
    rig = await startHttpRig()
    folder = await mkdtemp(join(tmpdir(), 'hallpass-script-'))
    documentation = (await (await fetch(`${rig.url}/api/v1/proxy`)).json()) as ProxyDocumentation
    await writeFile(join(folder, 'script.py'), documentation.example_script)
  })
  afterAll(async () => {
    await rig[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  const script = (token: string) =>
    run('python3', [join(folder, 'script.py'), token, rig.url]).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
      (failure: { code: number; stdout: string; stderr: string }) => failure,
    )

  test('names every method with its fields, every error code, and the address that was called', () => {
    expect(documentation.base_url).toBe(rig.url)
    expect(Object.keys(documentation.error_codes)).toEqual(Object.keys(ERROR_TABLE))
    expect(Object.keys(documentation.methods)).toEqual(Object.keys(DOCUMENT_METHODS))
    for (const [name, { fields }] of Object.entries(DOCUMENT_METHODS))
      expect(Object.keys(documentation.methods[name]?.fields ?? {})).toEqual(Object.keys(fields.shape))
  })

  test.runIf(python)('has a script that fails with a sentence for an ended token', async () => {
    const { token, record } = rig.mint(['read'])
    await rig.access.endSession(record.id)
    const outcome = await script(token)
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain('TOKEN_EXPIRED')
    expect(outcome.stderr).not.toContain('Traceback')
  })

  test.runIf(python)('has a script that runs unchanged with a read-only token', async () => {
    const outcome = await script(rig.mint(['read']).token)
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('Orders.Name: Text') })
  })
})
