import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { missingBrowser } from '../tests/support/chromium.ts'
import { hasShell, SHELLS } from '../tests/cli/support/find-shell.ts'
import { findElectron } from '../tests/support/electron.ts'
import { findPython } from '../tests/support/python.ts'

/**
 * Types and lint beside the tests without a browser, then every other suite that this machine can run. Says what it leaves out,
 * which is a failure when CI=true.
 * Arguments go to vitest: `npm test -- tests/access`. `npm test -- --changed` runs what the
 * uncommitted change touches, `--changed COMMIT` what changed since then. The last line is `N passed, N failed`.
 */
const root = join(import.meta.dirname, '..')
const KEYCHAIN_TESTS = 'tests/secrets/keychain.test.ts'
/** The tests in a real browser and in a real Electron. Both report what is missing; the other tests need neither. */
const CONSOLE_TESTS = 'tests/console'
const DESKTOP_TESTS = 'tests/desktop'
// A keyring unlocked with a temporary password, on a separate bus. Both end with the command.
const WITH_KEYRING = 'printf scratch | gnome-keyring-daemon --unlock --components=secrets >/dev/null && "$@"'

interface Counts {
  passed: number
  failed: number
  skipped: number
}
interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { name: string; status: string; assertionResults: { status: string; fullName: string }[] }[]
}

const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
const problems: string[] = []
/** Each failed test and file, named again at the end, because thousands of lines may follow its own. */
const failures: string[] = []
const leftOut: string[] = []
const scratch = mkdtempSync(join(tmpdir(), 'hallpass-suite-'))
const given = process.argv.slice(2)

/** Runs a program. With `isHeldBack`, its output is printed at its end, so that it doesn't mix with another program's output. */
async function run(command: string, args: string[], env: NodeJS.ProcessEnv, isHeldBack: boolean): Promise<boolean> {
  const child = spawn(command, args, { cwd: root, stdio: isHeldBack ? 'pipe' : 'inherit', env })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  if (isHeldBack) process.stdout.write(Buffer.concat(output))
  return code === 0
}

function works(command: string, args: string[]): boolean {
  return spawnSync(command, args, { cwd: root, stdio: 'ignore', timeout: 20_000 }).status === 0
}

/** Runs a program beside the tests. Returns what prints its output, so that the two don't mix. */
async function check(name: string, program: string, args: string[]): Promise<() => void> {
  const child = spawn(process.execPath, [join(root, 'node_modules', program), ...args], { cwd: root })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) problems.push(`${name} failed`)
  return () => console.log(`\n— ${name}\n${output.trimEnd()}`)
}

/** Types and lint, one after the other. */
async function checkSources(): Promise<(() => void)[]> {
  const prints: (() => void)[] = []
  for (const [name, project, info] of [
    ['types', '.', 'all'],
    ['types of the tests that run in pages', 'tests', 'tests'],
    ['types of the pages', 'src/renderer', 'pages'],
  ] as const) {
    const cache = ['--incremental', '--tsBuildInfoFile', `node_modules/.cache/types-${info}.json`]
    prints.push(await check(name, 'typescript/bin/tsc', ['--noEmit', '-p', project, ...cache]))
  }
  prints.push(await check('lint', 'oxlint/bin/oxlint', ['--deny-warnings']))
  return prints
}

async function suite(
  name: string,
  args: string[],
  wrap: string[] = [],
  env: NodeJS.ProcessEnv = cleanEnvironment(),
  isHeldBack = false,
): Promise<void> {
  console.log(`\n— ${name}${isHeldBack ? ', beside the others; printed at their end' : ''}`)
  const report = join(scratch, `${name.replaceAll(/[ /]/g, '-')}.json`)
  const vitest = [
    process.execPath,
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ]
  const [command = '', ...rest] = [...wrap, ...vitest]
  if (!(await run(command, rest, env, isHeldBack))) problems.push(`${name} failed`)
  try {
    add(JSON.parse(readFileSync(report, 'utf8')) as VitestReport)
  } catch (error) {
    problems.push(`${name} left no report: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function add(report: VitestReport): void {
  for (const { name, status: statusOfFile, assertionResults } of report.testResults) {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    for (const { fullName } of failed) failures.push(`${relative(root, name)}: ${fullName}`)
    if (statusOfFile === 'failed' && failed.length === 0) failures.push(`${relative(root, name)}: the file itself`)
  }
  // A file that doesn't load has no tests that could be counted as failed.
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  counts.passed += report.numPassedTests
  counts.failed += report.numFailedTests + unloaded
  counts.skipped += report.numPendingTests + report.numTodoTests
}

/** Returns why the real keychain can't be tested here, or null. */
function missingKeychain(): string | null {
  if (process.platform !== 'linux') return 'it is tried on Linux only, so that no test touches your own keychain'
  if (!works('dbus-run-session', ['--version'])) return 'dbus-run-session is not installed'
  if (!works('gnome-keyring-daemon', ['--version'])) return 'gnome-keyring-daemon is not installed'
  if (!works(process.execPath, ['-e', "require('keytar')"])) return 'libsecret is not installed'
  return null
}

/** Returns why the desktop app can't be tested here, or null. */
function missingDesktop(): string | null {
  if (findElectron() === null)
    return 'no Electron is there (npx install-electron fetches it; ELECTRON_OVERRIDE_DIST_PATH may name a folder)'
  if (process.platform === 'linux' && display().length === 0 && process.env['DISPLAY'] === undefined)
    return 'there is no display, and no xvfb-run to make one'
  return null
}

/** Returns a command that provides a separate display on Linux, so that no window opens on the user's screen. */
function display(): string[] {
  return process.platform === 'linux' && works('xvfb-run', ['--help']) ? ['xvfb-run', '-a'] : []
}

/** Returns the environment without the settings of a Hallpass that the developer may be using. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HALLPASS_')))
}

/** Returns the environment of a desktop session with separate folders, because a keyring would replace one that uses the same folders. */
function scratchSession(): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(scratch, 'session-'))
  const env: NodeJS.ProcessEnv = { ...cleanEnvironment(), HALLPASS_TEST_KEYCHAIN: '1', HOME: folder }
  for (const name of ['XDG_RUNTIME_DIR', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME']) env[name] = folder
  // A prompt for the user would wait forever.
  for (const name of ['DBUS_SESSION_BUS_ADDRESS', 'DISPLAY', 'WAYLAND_DISPLAY', 'GNOME_KEYRING_CONTROL'])
    delete env[name]
  return env
}

/** Returns git's output, line by line. Throws if git doesn't know the commit. */
function git(...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr.trim())
  return stdout.split('\n').filter(Boolean)
}

/** Sources that run in separate processes, started by a file's path. Vitest finds no imports from their tests to them. */
const STARTED_BY_PATH: readonly { sources: string[]; tests: string[] }[] = [
  {
    sources: ['src/cli/', 'src/control/'],
    tests: [
      'tests/cli',
      'tests/interop/clients-over-stdio',
      'tests/integration/built-command',
      'tests/main/built-command-line',
    ],
  },
  { sources: ['src/engine/documents/'], tests: ['tests/documents/sqlite'] },
  { sources: ['src/engine/store/requests/'], tests: ['tests/log'] },
  { sources: ['scripts/', 'bin/', '.github/'], tests: ['tests/scripts'] },
]

/** Support files that only tests with a screen use. For the rest of tests/support, tests without a screen are faster. */
const SCREEN_SUPPORT = ['accessibility', 'keyboard', 'page-memory', 'whole-day'].map(
  (name) => `tests/support/${name}.ts`,
)
const CONSOLE_SUPPORT = [...SCREEN_SUPPORT, 'tests/support/chromium.ts', 'tests/support/console-browser.ts']
const DESKTOP_SUPPORT = [...SCREEN_SUPPORT, 'tests/support/desktop-', 'tests/support/electron.ts']

/** Returns what `--changed [commit]` runs: the tests that import a changed file, and those of sources that no import leads to. */
function suitesOfChange(commit: string | undefined): string[][] {
  const files = [...git('diff', '--name-only', commit ?? 'HEAD'), ...git('ls-files', '--others', '--exclude-standard')]
  const touches = (...folders: string[]): boolean => files.some((file) => folders.some((one) => file.startsWith(one)))
  const byPath = STARTED_BY_PATH.filter(({ sources }) => touches(...sources)).flatMap(({ tests }) => tests)
  return [
    ['--project', 'node', `--changed${commit === undefined ? '' : `=${commit}`}`, '--passWithNoTests'],
    ...(byPath.length > 0 ? [['--project', 'node', ...byPath]] : []),
    ...(touches('src/renderer/', 'src/contract/', 'src/control/console/', `${CONSOLE_TESTS}/`, ...CONSOLE_SUPPORT)
      ? [[CONSOLE_TESTS]]
      : []),
    ...(touches('src/main/', 'src/preload/', 'src/contract/', `${DESKTOP_TESTS}/`, ...DESKTOP_SUPPORT)
      ? [[DESKTOP_TESTS]]
      : []),
  ]
}

try {
  const changedAt = given.findIndex((one) => one === '--changed' || one.startsWith('--changed='))
  const ofChange = changedAt === -1 ? null : suitesOfChange(given[changedAt]?.split('=')[1] ?? given[changedAt + 1])
  const chosen = ofChange === null ? given : (ofChange[0] ?? [])
  const checks = chosen.length === 0 ? checkSources() : Promise.resolve([])
  if (chosen.length === 0) {
    if (findPython() === null) leftOut.push('scripts in Python: no python3 with the package requests')
    for (const shell of SHELLS) if (!hasShell(shell)) leftOut.push(`completion in ${shell}: it isn't installed`)
  }
  await suite(
    'tests',
    chosen.length === 0
      ? [KEYCHAIN_TESTS, CONSOLE_TESTS, DESKTOP_TESTS].flatMap((one) => [
          '--exclude',
          one.endsWith('.ts') ? one : `${one}/**`,
        ])
      : chosen,
  )
  for (const print of await checks) print()
  for (const args of ofChange?.slice(1) ?? [])
    await suite(
      args.length === 1 ? String(args[0]) : 'tests of what is started by its path',
      args,
      args[0] === DESKTOP_TESTS ? display() : [],
    )
  if (chosen.length === 0) {
    const missing = missingKeychain()
    // Uses a real keyring if available, so that the screens' tests check that typed keys are stored only there.
    const wrap = missing === null ? ['dbus-run-session', '--', 'sh', '-c', WITH_KEYRING, 'sh'] : []
    const session = missing === null ? scratchSession : cleanEnvironment
    if (missing !== null) leftOut.push(`the real keychain: ${missing}`)
    const noConsole = missingBrowser()
    if (noConsole !== null) leftOut.push(`the web console: ${noConsole}`)
    const noDesktop = missingDesktop()
    if (noDesktop !== null) leftOut.push(`the desktop app: ${noDesktop}`)
    // The desktop tests run one after another and often wait for a window, and the console tests use the idle cores.
    await Promise.all([
      noDesktop === null
        ? suite('desktop tests', [DESKTOP_TESTS], [...wrap, ...display()], session(), true)
        : undefined,
      (async () => {
        if (missing === null) await suite('keychain tests', [KEYCHAIN_TESTS], wrap, session())
        if (noConsole === null) await suite('console tests', [CONSOLE_TESTS], wrap, session())
      })(),
    ])
  }
} catch (error) {
  problems.push(error instanceof Error ? error.message : String(error))
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 })
}

if (counts.passed + counts.failed === 0 && !process.argv.includes('--changed')) problems.push('no test ran')
if (process.env.CI === 'true' && leftOut.length > 0)
  problems.push('something was left out, and CI=true allows nothing to be')
console.log('')
for (const what of leftOut) console.log(`left out — ${what}`)
for (const failure of failures) console.log(`failed — ${failure}`)
for (const problem of problems) console.log(`problem — ${problem}`)
console.log(
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`,
)
process.exitCode = problems.length > 0 || counts.failed > 0 ? 1 : 0
