import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = join(import.meta.dirname, '../..')
const builder = parse(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8')) as {
  productName: string
  win: { extraFiles: { from: string; to: string }[] }
  nsis: { include: string }
}
const [launcher] = builder.win.extraFiles

test('the launcher for Windows starts the program of its own installation, by its path, and passes on its exit code', () => {
  const lines = readFileSync(join(ROOT, launcher?.from ?? ''), 'utf8').split('\r\n')
  // cmd.exe misreads labels and blocks of a batch file with bare line feeds.
  expect(lines.every((line) => !line.includes('\n'))).toBe(true)
  expect(lines).toContain(`"%~dp0..\\${builder.productName}.exe" %*`)
  expect(lines.at(-2)).toBe('exit /b %ERRORLEVEL%')
})

test('the installer adds the launcher’s folder to PATH and removes it again', () => {
  const script = readFileSync(join(ROOT, builder.nsis.include), 'utf8')
  const folder = `$INSTDIR\\${launcher?.to.split('/')[0] ?? ''}`
  for (const macro of ['customInstall', 'customUnInstall']) {
    const body = new RegExp(`!macro ${macro}\\n([\\s\\S]*?)!macroend`).exec(script)?.[1] ?? ''
    expect(body).toContain(folder)
    expect(body).toContain("'User')")
  }
})
