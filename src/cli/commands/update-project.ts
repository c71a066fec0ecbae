import { usageError } from '../errors.ts'
import { chosenAnswerChars, type AnswerCharsFlag } from '../flags/options.ts'
import { answerLength, payloadsText, toolsShown } from '../output/columns.ts'
import { withEngine } from '../with-engine.ts'

interface ProjectFlags {
  mode?: 'all' | 'search'
  passThrough?: string
  answerChars?: AnswerCharsFlag
  description?: string
  pinned?: boolean
  payloads?: 'off' | number
}

export async function updateProject(name: string, flags: ProjectFlags): Promise<void> {
  const { mode, passThrough, answerChars, description, pinned, payloads } = flags
  if ([mode, passThrough, answerChars, description, pinned, payloads].every((flag) => flag === undefined))
    throw usageError(
      'Nothing to update. Use --description, --pinned, --payloads, --mode, --pass-through or --answer-chars.',
    )
  const project = await withEngine(({ api }) =>
    api.projects.update({
      name,
      ...(mode === undefined ? {} : { mode }),
      ...(passThrough === undefined ? {} : { pass_through: passThrough === 'none' ? null : passThrough }),
      ...(answerChars === undefined ? {} : { answer_chars: chosenAnswerChars(answerChars) }),
      ...(description === undefined ? {} : { description }),
      ...(pinned === undefined ? {} : { pinned }),
      ...(payloads === undefined ? {} : payloads === 'off' ? { payloads } : { payloads: 'on', payload_days: payloads }),
    }),
  )
  const modes = { all: 'all tools', search: 'search mode' }
  const shown = project.pass_through === null ? modes[project.mode] : toolsShown(project)
  const length = answerLength(project.answer_chars, 'from the settings')
  process.stdout.write(
    `Updated project ${name}. Tools shown to MCP clients: ${shown}. Length of answers to models: ${length}. Payloads: ${payloadsText(project)}\n`,
  )
}
