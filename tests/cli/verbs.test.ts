import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program/create-program.ts'
import { VERBS } from '../../src/control/verbs.ts'

test('the desktop app knows exactly the verbs of the command line', () => {
  const verbs = createProgram().commands.map((command) => command.name())
  expect([...VERBS].toSorted()).toEqual(verbs.toSorted())
})
