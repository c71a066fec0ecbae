import { configurationJsonSchema } from '../configuration/configuration-schema.ts'
import { printStructured } from '../output/output.ts'
import { withEngine } from '../with-engine.ts'

interface ExportFlags {
  project?: string
  schema?: boolean
  output: 'yaml' | 'json'
}

/** Prints the configuration as a file for `hallpass apply`, or the schema of such files. */
export async function exportConfiguration({ project, schema, output }: ExportFlags): Promise<void> {
  if (schema === true) return printStructured(configurationJsonSchema(), 'json')
  const { configuration, left_out: leftOut } = await withEngine(({ api }) => api.configuration.export({ project }))
  if (output === 'yaml')
    process.stdout.write(
      '# Hallpass configuration, for hallpass apply -f FILE. Secrets are references: keychain, env:NAME or file:PATH.\n',
    )
  await printStructured(configuration, output)
  for (const what of leftOut) process.stderr.write(`Left out: ${what}\n`)
}
