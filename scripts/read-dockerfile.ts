/** One RUN or COPY, with its folder and environment. */
export type Step = { text: string; folder: string; environment: Record<string, string> } & (
  | { kind: 'run'; command: string }
  | { kind: 'copy'; from?: string; sources: string[]; target: string }
)

export interface Stage {
  /** Its name, or its number. */
  name: string
  base: string
  steps: Step[]
  environment: Record<string, string>
  folder: string
  user?: string
  volume?: string
  healthcheck?: string[]
  entrypoint?: string[]
  command?: string[]
}

/** Reads the instructions that the Dockerfile of Hallpass uses. Throws for any other, so that none is skipped silently. */
export function readDockerfile(text: string): Stage[] {
  const stages: Stage[] = []
  const lines = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
  const variables: Record<string, string> = {}
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    if (instruction === 'ARG') {
      const [name = '', value = ''] = rest.split('=')
      variables[name] = value
    } else if (instruction === 'FROM') {
      const [base = '', , name] = rest.replaceAll(/\$\{(\w+)\}/g, (_, key: string) => variables[key] ?? '').split(/\s+/)
      stages.push({ name: name ?? String(stages.length), base, steps: [], environment: {}, folder: '/' })
    } else addInstruction(stages.at(-1), instruction, rest, line)
  }
  return stages
}

function addInstruction(stage: Stage | undefined, instruction: string, rest: string, line: string): void {
  if (stage === undefined) throw new Error(`No FROM before: ${line}`)
  const here = { text: line, folder: stage.folder, environment: { ...stage.environment } }
  switch (instruction) {
    case 'WORKDIR':
      stage.folder = rest
      break
    case 'ENV':
      for (const pair of rest.split(/\s+/)) {
        const [name = '', value = ''] = pair.split('=')
        stage.environment[name] = value
      }
      break
    case 'RUN':
      stage.steps.push({ ...here, kind: 'run', command: rest })
      break
    case 'COPY': {
      const words = rest.split(/\s+/)
      const from = words[0]?.startsWith('--from=') === true ? words.shift()?.slice('--from='.length) : undefined
      const target = words.pop() ?? ''
      stage.steps.push({ ...here, kind: 'copy', sources: words, target, ...(from === undefined ? {} : { from }) })
      break
    }
    case 'USER':
      stage.user = rest
      break
    case 'VOLUME':
      stage.volume = rest
      break
    case 'EXPOSE':
      break
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(rest.slice(rest.indexOf('CMD ') + 4)) as string[]
      break
    case 'ENTRYPOINT':
      stage.entrypoint = JSON.parse(rest) as string[]
      break
    case 'CMD':
      stage.command = JSON.parse(rest) as string[]
      break
    default:
      throw new Error(`The rehearsal doesn't know this instruction: ${line}`)
  }
}
