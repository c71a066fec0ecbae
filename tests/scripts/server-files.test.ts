import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readDockerfile } from '../../scripts/read-dockerfile.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

describe('the server image', () => {
  const stages = readDockerfile(read('Dockerfile'))
  const image = stages.at(-1)

  test('runs as an unprivileged user, with a volume, a health check and one port', () => {
    expect(image).toMatchObject({
      user: '1000:1000',
      volume: '/data',
      environment: { HALLPASS_HOME: '/data', HALLPASS_HOST: '0.0.0.0', HALLPASS_PORT: '7717' },
      entrypoint: ['hallpass'],
      command: ['serve'],
    })
    expect(image?.healthcheck?.[0]).toBe('hallpass')
    expect(image?.environment).not.toHaveProperty('HALLPASS_ALLOW_NETWORK')
  })

  test('contains only the npm package, and its base image has the Node.js that Hallpass needs', () => {
    expect(image?.steps.filter(({ kind }) => kind === 'copy')).toEqual([
      expect.objectContaining({ from: 'build', sources: ['/package/'] }),
    ])
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } }
    for (const { base } of stages) expect(base).toMatch(new RegExp(`^node:${engines.node.replace('>=', '')}-`))
  })

  test('is built from files that exist', () => {
    for (const line of read('.dockerignore')
      .split('\n')
      .filter((one) => one.startsWith('!')))
      expect(existsSync(join(ROOT, line.slice(1))), line).toBe(true)
  })

  test('is not simulated beyond an instruction that the simulation does not know', () => {
    expect(() => readDockerfile('FROM node\nADD x y')).toThrow('ADD x y')
    expect(() => readDockerfile('RUN true')).toThrow('No FROM')
  })
})

test('compose.yaml publishes the port on the loopback address only, and keeps the root read-only', () => {
  const { services, secrets, volumes } = parse(read('compose.yaml')) as {
    services: Record<string, Record<string, unknown>>
    secrets: object
    volumes: object
  }
  expect(services['hallpass']).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    ports: ['127.0.0.1:7717:7717'],
    volumes: ['data:/data'],
    secrets: ['vault-key'],
    environment: { HALLPASS_VAULT_KEY_FILE: '/run/secrets/vault-key', HALLPASS_TRUSTED_PROXIES: '172.31.77.1' },
  })
  expect([Object.keys(secrets), Object.keys(volumes)]).toEqual([['vault-key'], ['data']])
})

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
test.skipIf(!hasSystemd)('systemd accepts both units', () => {
  for (const unit of ['deploy/hallpass.service', 'deploy/hallpass-user.service']) {
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(ROOT, unit)], { encoding: 'utf8' })
    const problems = stderr.split('\n').filter((line) => line.includes('hallpass') && !/is not executable/.test(line))
    expect(problems, unit).toEqual([])
  }
})

test('the launch agent starts the engine at login and again after a crash', () => {
  const text = read('deploy/io.hallpass.engine.plist').replaceAll(/\s*\n\s*/g, '')
  expect(text).toContain('<key>Label</key><string>io.hallpass.engine</string>')
  expect(text).toContain('<string>/usr/local/bin/hallpass</string><string>serve</string>')
  expect(text).toContain('<key>RunAtLoad</key><true/>')
  expect(text).toContain('<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>')
})
