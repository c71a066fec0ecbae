import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readDockerfile, type Stage, type Step } from './read-dockerfile.ts'

/**
 * Runs the steps of the Dockerfile without a container engine, then starts what the image starts, as its user, with its
 * environment, on a read-only root and an empty volume: its health check and the smoke test must pass. Needs Linux and root. The
 * base image is this system with its Node.js 24. Each stage is a layer over it, so nothing outside of a scratch folder changes.
 */
const root = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'hallpass-image-'))
const volume = join(scratch, 'volume')
const PORT = '17717'
/** Allows the container's listen address, which only this computer can reach here. */
const NETWORK = { HALLPASS_ALLOW_NETWORK: '1', HALLPASS_TRUSTED_PROXIES: '127.0.0.1' }

function fail(sentence: string): never {
  throw new Error(sentence)
}

/**
 * Writes a program that runs its arguments with the root of the stage, in a mount namespace that ends with it. Every step
 * replaces the process, so that a signal reaches the program inside.
 */
function writeProgram(stage: Stage, name: string, mounts: string[], run: string): string {
  const { base, changes, work, inside } = foldersOf(stage)
  const path = join(base, name)
  const lines = [
    '#!/bin/sh',
    'set -e',
    'if [ -z "$REHEARSAL_INSIDE" ]; then',
    '  export REHEARSAL_INSIDE=1',
    '  exec unshare --mount --propagation private "$0" "$@"',
    'fi',
    `mount -t overlay rehearsal -o lowerdir=/,upperdir=${changes},workdir=${work} ${inside}`,
    `for folder in proc dev sys; do mount --rbind /$folder ${inside}/$folder; done`,
    ...mounts,
    run,
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  chmodSync(path, 0o755)
  return path
}

function foldersOf({ name }: Stage) {
  const base = join(scratch, `stage-${name}`)
  return { base, changes: join(base, 'changes'), work: join(base, 'work'), inside: join(base, 'inside') }
}

function buildStage(stage: Stage, earlier: ReadonlyMap<string, Stage>): void {
  const { changes, work, inside } = foldersOf(stage)
  for (const folder of [changes, work, inside]) mkdirSync(folder, { recursive: true })
  mkdirSync(join(changes, 'usr/local/bin'), { recursive: true })
  execFileSync('cp', [process.execPath, join(changes, 'usr/local/bin/node')])
  const build = writeProgram(
    stage,
    'build',
    [],
    `exec chroot ${inside} /bin/sh -c 'cd "$0" && exec /bin/sh -c "$1"' "$@"`,
  )
  for (const step of stage.steps) {
    console.log(`${stage.base}: ${step.text}`)
    mkdirSync(join(changes, step.folder), { recursive: true })
    if (step.kind === 'copy') {
      copy(step, step.from === undefined ? null : (earlier.get(step.from) ?? fail(`No stage ${step.from}.`)), changes)
      continue
    }
    // npm would use the settings of the npm process that started this script.
    const outside = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)/i.test(name))
    const env = {
      ...Object.fromEntries(outside),
      PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin',
      ...step.environment,
      HOME: '/root',
    }
    const { status } = spawnSync(build, [step.folder, step.command], { stdio: 'inherit', env })
    if (status !== 0) fail(`This step failed: ${step.text}`)
  }
}

function copy({ sources, target, folder }: Step & { kind: 'copy' }, from: Stage | null, changes: string): void {
  const to = join(changes, target.startsWith('/') ? '' : folder, target)
  mkdirSync(target.endsWith('/') ? to : dirname(to), { recursive: true })
  if (from === null && sources[0] === '.') {
    const archive = execFileSync('tar', ['-C', root, '-cf', '-', ...contextFiles()], { maxBuffer: 1 << 30 })
    execFileSync('tar', ['-C', to, '-xf', '-'], { input: archive })
    return
  }
  const base = from === null ? root : foldersOf(from).changes
  for (const source of sources)
    execFileSync('cp', [
      '-a',
      `${base}${source.startsWith('/') ? '' : '/'}${source}${source.endsWith('/') ? '.' : ''}`,
      to,
    ])
}

/** The .dockerignore excludes everything but the files that it names. */
function contextFiles(): string[] {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const patterns = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (patterns.shift() !== '*' || !patterns.every((line) => line.startsWith('!')))
    fail('.dockerignore: only * and !NAME.')
  return patterns.map((line) => line.slice(1))
}

/** Returns a program that runs its arguments as a container of the image would, with the variables of Hallpass passed on. */
function writeContainer(image: Stage): string {
  const { user = fail('The image runs as root.') } = image
  const { inside } = foldersOf(image)
  const [uid = '', gid = uid] = user.split(':')
  const variables = Object.entries(image.environment).map(([name, value]) => `${name}=${value}`)
  const passed = ['HOME', 'PORT', 'HOST', 'VAULT_KEY', 'ALLOW_NETWORK', 'TRUSTED_PROXIES', 'LOG_LEVEL'].map(
    (name) => `HALLPASS_${name}`,
  )
  return writeProgram(
    image,
    'container',
    [
      `mount -o remount,ro,bind ${inside}`,
      `mount -t tmpfs rehearsal ${inside}/tmp`,
      `mount --bind ${volume} ${inside}${image.volume}`,
      `set -- ${['PATH=/usr/local/bin:/usr/bin:/bin', ...variables].join(' ')} ${passed.map((name) => `\${${name}:+"${name}=$${name}"}`).join(' ')} "$@"`,
    ],
    `exec chroot ${inside} /usr/bin/setpriv --reuid ${uid} --regid ${gid} --clear-groups --no-new-privs --bounding-set=-all /usr/bin/env -i --chdir=${image.folder} "$@"`,
  )
}

async function checkHealth(container: string, image: Stage): Promise<void> {
  const environment = {
    ...process.env,
    HALLPASS_PORT: PORT,
    ...NETWORK,
    HALLPASS_VAULT_KEY: 'only for the rehearsal, 0123456789',
  }
  const isHealthy = (): boolean =>
    spawnSync(container, image.healthcheck ?? fail('The image has no health check.'), { env: environment }).status === 0
  const engine = spawn(container, [...(image.entrypoint ?? []), ...(image.command ?? [])], {
    env: environment,
    stdio: 'inherit',
  })
  const exited = once(engine, 'exit')
  for (let tries = 0; !isHealthy(); tries += 1) {
    if (tries === 100 || engine.exitCode !== null) fail('The engine did not become healthy.')
    await sleep(100)
  }
  engine.kill('SIGTERM')
  const [code] = (await exited) as [number | null]
  if (code !== 0) fail(`The engine exited with ${code} after SIGTERM.`)
  if (isHealthy()) fail('The health check passes without an engine.')
  console.log('ok — starts, is healthy, ends with SIGTERM')
}

try {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) fail('The rehearsal needs Linux and root.')
  const built = new Map<string, Stage>()
  for (const stage of readDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'))) {
    buildStage(stage, built)
    built.set(stage.name, stage)
  }
  const image = [...built.values()].at(-1) ?? fail('The Dockerfile has no stage.')
  const { changes } = foldersOf(image)
  // A new volume takes its owner and mode from the image.
  execFileSync('cp', ['-a', join(changes, image.volume ?? fail('The image has no volume.')), volume])
  const size = execFileSync('du', ['-sm', join(changes, 'opt')], { encoding: 'utf8' })
  console.log(`${Number.parseInt(size, 10)} MB beside Node.js`)
  const container = writeContainer(image)
  await checkHealth(container, image)
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'scripts/smoke-test.ts'), container, ...(image.entrypoint ?? [])],
    { stdio: 'inherit', env: { ...process.env, SMOKE_FOLDER: image.volume, ...NETWORK } },
  )
  if (status !== 0) fail('The smoke test failed.')
  console.log('rehearsal: passed')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 })
}
