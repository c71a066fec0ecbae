import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { VERBS } from '../../src/control/verbs.ts'

test('the desktop app knows every verb of the command line, and no other', () => {
  const verbs = [...createProgram().commands.map((command) => command.name()), 'help']
  expect([...VERBS].toSorted()).toEqual(verbs.toSorted())
})
