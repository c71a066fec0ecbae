import { usageError } from '../errors.ts'
import { chosenAnswerChars, type AnswerCharsFlag } from '../flags/options.ts'
import { answerLength, toolsShown } from '../output/columns.ts'
import { withEngine } from '../with-engine.ts'

interface ProjectFlags {
  mode?: 'all' | 'search'
  passThrough?: string
  answerChars?: AnswerCharsFlag
}

export async function updateProject(name: string, flags: ProjectFlags): Promise<void> {
  const { mode, passThrough, answerChars } = flags
  if (mode === undefined && passThrough === undefined && answerChars === undefined)
    throw usageError('Nothing to update. Use --mode, --pass-through or --answer-chars.')
  const project = await withEngine(({ api }) =>
    api.projects.update({
      name,
      ...(mode === undefined ? {} : { mode }),
      ...(passThrough === undefined ? {} : { pass_through: passThrough === 'none' ? null : passThrough }),
      ...(answerChars === undefined ? {} : { answer_chars: chosenAnswerChars(answerChars) }),
    }),
  )
  const modes = { all: 'all tools', search: 'search mode' }
  const shown = project.pass_through === null ? modes[project.mode] : toolsShown(project)
  const length = answerLength(project.answer_chars, 'from the settings')
  process.stdout.write(
    `Updated project ${name}. Tools shown to MCP clients: ${shown}. Length of answers to models: ${length}\n`,
  )
}
