import { expect, it } from 'vitest'
import { createClientSightings } from '../../src/engine/log/client-sightings.ts'
import type { RequestLog, RequestOpening } from '../../src/engine/log/request-log.ts'
import { dataFolders, movableClock } from '../store/support/data-folders.ts'

const { folder, open } = dataFolders()

it('a client that reports a new name with each request removes none of another project', () => {
  const clock = movableClock()
  const sightings = createClientSightings({ store: open(folder(), { clock }), clock, onChange: () => {} })
  const log = sightings.watching({ open: () => ({}), rejected: () => {} } as unknown as RequestLog)
  const seen = (project: string, client: string): void => {
    clock.move(1)
    log.open({ transport: 'mcp-http', project, client } as RequestOpening)
  }
  seen('quiet', 'analyst/1.0')
  for (let index = 0; index < 1000; index += 1) seen('loud', `name-${index}`)
  expect(sightings.of('quiet').map(({ client }) => client)).toEqual(['analyst'])
  expect(sightings.of('loud')).toHaveLength(50)
  expect(sightings.of('loud').at(-1)).toMatchObject({ client: 'name-999' })
})
