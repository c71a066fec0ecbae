import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { missingBrowser, processBrowser } from '../support/chromium.ts'
import { commandLineOf } from '../support/command-line.ts'
import { until } from '../support/until.ts'

describe.skipIf(missingBrowser() !== null)('a page whose engine is killed', () => {
  it('RU4 keeps typed text and its sign-in, says how old it is, and is live within 5 s of the engine’s return', async () => {
    const home = mkdtempSync(join(tmpdir(), 'hallpass-gone-'))
    onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
    const port = String(await freePort())
    const serve = async () => {
      const child = commandLineOf(home).start(['serve'], { HALLPASS_PORT: port })
      onTestFinished(() => void child.kill('SIGKILL'))
      let output = ''
      child.stdout.on('data', (chunk) => (output += String(chunk)))
      await until('the engine listens', () => output.includes('Press Ctrl-C'))
      return { child, link: /http\S+\/console\/sign-in#\S+/.exec(output)?.[0] ?? '' }
    }
    const first = await serve()
    const context = await (await processBrowser()).newContext()
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(first.link)
    await page.waitForURL(/\/console\/(#|$)/)
    await page.goto(`http://127.0.0.1:${port}/console/#/projects/demo/tokens/new`)
    const name = page.getByRole('textbox', { name: /^Name/ })
    await name.fill('night-export')

    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    const strip = page.getByRole('status').filter({ hasText: /^Hallpass isn't answering\..*As of \d\d:\d\d:\d\d\./ })
    await strip.waitFor()
    // It says when it tries again, and nothing is lost by trying at once.
    await strip.getByText(/^Trying again in \d s\.$/).waitFor()
    await strip.getByRole('button', { name: 'Try now' }).click()
    await strip.waitFor()
    await page.getByRole('button', { name: 'Create token' }).click()
    expect(await name.inputValue()).toBe('night-export')

    await serve()
    const returned = Date.now()
    await strip.waitFor({ state: 'detached' })
    expect(Date.now() - returned).toBeLessThan(5000)
    expect(await name.inputValue()).toBe('night-export')
    await page.getByRole('button', { name: 'Create token' }).click()
    await page.getByRole('heading', { name: 'night-export is ready' }).waitFor()
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}
