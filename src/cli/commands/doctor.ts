import { DEFAULT_SETTINGS } from '../../contract/settings.ts'
import { connectControl, engineRuns } from '../../control/control-client.ts'
import { dataFolder } from '../../control/data-folder.ts'
import { printable } from '../../engine/text/visible-text.ts'
import { checkEngine } from '../doctor/check-engine.ts'
import { checkMachine } from '../doctor/check-machine.ts'
import { warning, type Finding } from '../doctor/finding.ts'
import { EXIT } from '../errors.ts'
import { count, printStructured, type Format } from '../output/output.ts'

const MARKS = { ok: 'ok', warning: 'warning', broken: 'BROKEN' } as const

/** Checks what can go wrong on this computer. Exits with 0, with 1 if there are warnings, or with 2 if something is broken. */
export async function doctor({ output }: { output: Format }): Promise<void> {
  const home = dataFolder(process.env)
  const isRunning = await engineRuns(home)
  const { HALLPASS_HOST: host, HALLPASS_PORT: port } = process.env
  const now = Date.now()
  const address = {
    host: host === undefined || host === '' ? DEFAULT_SETTINGS.host : host,
    port: port === undefined || port === '' ? DEFAULT_SETTINGS.port : Number(port),
  }
  const findings = await checkMachine({ home, environment: process.env, now, address }, isRunning)
  findings.push(
    ...(isRunning
      ? await ofEngine(home, now)
      : [warning('engine', "The engine isn't running.", 'hallpass serve, or start the desktop app')]),
  )
  if (output === 'table') print(findings)
  else await printStructured({ state: worst(findings), findings }, output)
  process.exitCode = { ok: EXIT.success, warning: EXIT.failed, broken: EXIT.invalid }[worst(findings)]
}

async function ofEngine(home: string, now: number): Promise<Finding[]> {
  const client = await connectControl({ home })
  try {
    return await checkEngine(client.api, now)
  } finally {
    client.close()
  }
}

function worst(findings: readonly Finding[]): Finding['state'] {
  return (['broken', 'warning'] as const).find((state) => findings.some((one) => one.state === state)) ?? 'ok'
}

function print(findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ check }) => check.length)) + 3
  for (const { check, state, message, next } of findings) {
    process.stdout.write(`${MARKS[state].padEnd(10)}${check.padEnd(width)}${printable(message)}\n`)
    if (next !== null) process.stdout.write(`${' '.repeat(10 + width)}Next: ${printable(next)}\n`)
  }
  const found = (['broken', 'warning'] as const).flatMap((state) => {
    const number = findings.filter((one) => one.state === state).length
    return number === 0 ? [] : [state === 'broken' ? `${number} broken` : count(number, 'warning')]
  })
  process.stdout.write(found.length === 0 ? '\nNo problems found.\n' : `\n${found.join(', ')}.\n`)
}
