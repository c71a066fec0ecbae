import { printable } from '../../engine/text/visible-text.ts'
import { EXIT } from '../errors.ts'
import { printStructured, type Format } from '../output/output.ts'
import { withEngine } from '../with-engine.ts'

/** Tests a connection the way a request would reach it. Exits with 1 if the test fails. */
export async function testConnection(name: string, { output }: { output: Format }): Promise<void> {
  const result = await withEngine(({ api }) => api.connections.test({ name }))
  if (output === 'table')
    process.stdout.write(
      `${name} is ${result.ok ? 'up' : 'down'} (${Math.round(result.latency_ms)} ms): ${printable(result.message)}\n`,
    )
  else await printStructured(result, output)
  if (!result.ok) process.exitCode = EXIT.failed
}
