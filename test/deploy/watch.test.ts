import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { parseListenAddress } from '../../src/cli/listen-address.js'
import { buildProgram } from '../../src/cli/program.js'
import { processTerminal } from '../../src/cli/terminal.js'
import { WatchMetrics } from '../../src/cli/watch-metrics.js'
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/json/lossless.js'
import { defaultStateLocation } from '../../src/sources/state-location.js'
import { VERSION } from '../../src/version.js'
import { readExposition } from '../cli/exposition.js'
import { at, contentOf, membersAt, pathOf, textOf, textsAt } from './deployed-files.js'

const UNIT = 'examples/watch/rivet-otel-watch.service'
const MANIFEST = 'examples/watch/kubernetes-sidecar.yaml'
const ALERTS = 'examples/watch/alerts.yaml'
const PAGES = ['/livez', '/readyz', '/metrics']

const program = buildProgram(VERSION, processTerminal(process), () => {})
const watch = program.commands.find((command) => command.name() === 'watch')
if (watch === undefined)
  console.warn('UNCHECKED: the flags of examples/watch, because there is no command watch')

const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a program that need not be here; `undefined` where it is not. */
function tool(name: string, args: readonly string[], what: string) {
  const { error, status, stdout, stderr } = spawnSync(name, args, { cwd: folder, encoding: 'utf8' })
  if (error === undefined) return { status, said: `${stdout}${stderr}` }
  console.warn(`UNCHECKED: ${what}; there is no ${name} in PATH`)
  return undefined
}

function expectFlags(args: readonly string[]): void {
  expect(args).toContain('watch')
  if (watch === undefined) return
  const known = new Set(watch.options.map(({ long }) => long))
  const flags = args.filter((arg) => arg.startsWith('--'))
  expect(flags.length).toBeGreaterThan(1)
  for (const flag of flags) expect(known, flag).toContain(flag)
}

function argumentOf(args: readonly string[], flag: string): string {
  return args[args.indexOf(flag) + 1] ?? ''
}

describe('the systemd unit', () => {
  const lines = textOf(UNIT)
    .split('\n')
    .filter((line) => /^\w+=/.test(line))
  const setting = (name: string) =>
    lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  const command = setting('ExecStart').split(' ')

  it('is taken by systemd', () => {
    const unit = join(folder, 'rivet-otel-watch.service')
    writeFileSync(unit, textOf(UNIT).replace(command[0] ?? '', process.execPath))
    const done = tool('systemd-analyze', ['verify', '--man=no', unit], `${UNIT} by systemd`)
    if (done === undefined) return
    // It may also speak of units that are installed here.
    const ours = done.said.split('\n').filter((line) => line.includes('rivet-otel-watch'))
    expect([done.status, ours]).toEqual([0, []])
  })

  it('starts the watcher with flags that there are, for this machine alone', () => {
    expectFlags(command)
    expect(parseListenAddress('--listen', argumentOf(command, '--listen'))).toEqual({
      host: '127.0.0.1',
      port: 9464,
    })
  })

  it('may read the state database and write the ledger, and nothing else', () => {
    expect(setting('ProtectSystem')).toBe('strict')
    expect(setting('ReadOnlyPaths')).toBe(dirname(argumentOf(command, '--from')))
    expect(setting('Environment')).toBe(
      `RIVET_OTEL_LEDGER=%S/${setting('StateDirectory')}/ledger.db`,
    )
    expect(lines.filter((line) => line.startsWith('ReadWritePaths='))).toEqual([])
    for (const name of ['DynamicUser', 'NoNewPrivileges', 'PrivateTmp', 'ProtectHome'])
      expect(setting(name), name).toBe('yes')
  })

  it('keeps the token out of the command line', () => {
    const [credential = ''] = setting('LoadCredential').split(':')
    expect(argumentOf(command, '--header')).toBe(`authorization=@%d/${credential}`)
    expect(setting('EnvironmentFile')).toMatch(/^-\/etc\//)
  })

  it('takes every end of a stop for a good one, and starts again what ended by itself', () => {
    expect(setting('SuccessExitStatus').split(' ')).toEqual(['1', '3'])
    expect(setting('Restart')).toBe('on-failure')
    // A program that breaks ends with 1 as well.
    expect(setting('RestartForceExitStatus').split(' ')).toEqual(['1', '3'])
    expect(setting('RestartPreventExitStatus')).toBe('2')
    expect(setting('KillSignal')).toBe('')
    expect(Number(setting('TimeoutStopSec'))).toBeGreaterThanOrEqual(30)
  })
})

describe('the Kubernetes manifest', () => {
  const documents = parseAllDocuments(textOf(MANIFEST)).map((document) => {
    expect(document.errors).toEqual([])
    const content: JsonValue = document.toJSON()
    if (!isJsonObject(content)) throw new Error(`${MANIFEST} has a document that is no object`)
    return content
  })
  const cronJob = documents.find(({ kind }) => kind === 'CronJob') ?? {}
  const pod = objectAt(cronJob, 'spec', 'jobTemplate', 'spec', 'template')
  const spec = objectAt(pod, 'spec')
  const sidecar = named(spec.initContainers, 'rivet-otel')
  const rivet = named(spec.containers, 'rivet')
  const args = textsAt(sidecar, 'args')
  const volumes = listOf(spec.volumes)
  const mount = (container: JsonObject, name: string) => named(container.volumeMounts, name)
  const variable = (container: JsonObject, name: string) => named(container.env, name)

  it('starts the watcher as a native sidecar, with flags that there are', () => {
    expect(sidecar.restartPolicy).toBe('Always')
    expect(spec.restartPolicy).toBe('Never')
    expectFlags(args)
  })

  it('asks for health, and lets Prometheus read, where the watcher listens', () => {
    const { host, port } = parseListenAddress('--listen', argumentOf(args, '--listen'))
    expect(host).toBe('0.0.0.0')
    const [declared] = listOf(sidecar.ports)
    expect(at(declared, 'containerPort')).toBe(port)
    for (const [probe, path] of [
      ['livenessProbe', '/livez'],
      ['readinessProbe', '/readyz'],
    ] as const) {
      expect(PAGES).toContain(path)
      expect(at(sidecar, probe, 'httpGet')).toEqual({ path, port: at(declared, 'name') })
    }
    // rivet runs whether or not the target is there.
    expect(sidecar.startupProbe).toBeUndefined()
    expect(Object.fromEntries(membersAt(pod, 'metadata', 'annotations'))).toEqual({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': String(port),
      'prometheus.io/path': '/metrics',
    })
  })

  it('shows both the same state database, and the watcher may not write it', () => {
    const url = String(variable(rivet, 'RIVET_STATE_URL').value)
    expect(variable(sidecar, 'RIVET_STATE_URL').value).toBe(url)
    const state = defaultStateLocation({ env: { RIVET_STATE_URL: url }, cwd: '/' })
    expect(mount(rivet, 'rivet-state')).toEqual({ name: 'rivet-state', mountPath: dirname(state) })
    expect(mount(sidecar, 'rivet-state')).toEqual({
      ...mount(rivet, 'rivet-state'),
      readOnly: true,
    })
  })

  it('keeps the ledger on a volume of its own, which outlives the pod', () => {
    const ledger = mount(sidecar, 'rivet-otel-ledger')
    expect(variable(sidecar, 'RIVET_OTEL_LEDGER').value).toBe(`${ledger.mountPath}/ledger.db`)
    expect(ledger.readOnly).toBeUndefined()
    for (const name of ['rivet-state', 'rivet-otel-ledger']) {
      const claim = at(named(volumes, name), 'persistentVolumeClaim', 'claimName')
      const claims = documents.filter(({ kind }) => kind === 'PersistentVolumeClaim')
      expect(claims.map((one) => at(one, 'metadata', 'name'))).toContain(claim)
    }
  })

  it('mounts only volumes that it has, and has none that it does not mount', () => {
    const mounts = [sidecar, rivet].flatMap((one) => listOf(one.volumeMounts).map((m) => m.name))
    expect(new Set(mounts)).toEqual(new Set(volumes.map(({ name }) => name)))
  })

  it('gives the token by a variable from a Secret, which the watcher itself reads', () => {
    const [, name = ''] = /^authorization=\$([A-Z_]+)$/.exec(argumentOf(args, '--header')) ?? []
    expect(at(variable(sidecar, name), 'valueFrom', 'secretKeyRef', 'name')).toBe('rivet-otel')
    expect(textOf(MANIFEST)).toContain(
      'kubectl create secret generic rivet-otel --from-literal=authorization=',
    )
  })

  it('lets it do as little as possible', () => {
    expect(spec.automountServiceAccountToken).toBe(false)
    expect(at(spec, 'securityContext', 'runAsNonRoot')).toBe(true)
    expect(sidecar.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    // Private copies of a database lie there, and its root cannot be written.
    expect(mount(sidecar, 'tmp').mountPath).toBe('/tmp')
  })

  it('gives it time for its last look, and for what is being sent, before it is killed', () => {
    expect(Number(spec.terminationGracePeriodSeconds)).toBeGreaterThanOrEqual(30)
  })

  it('names an image that the Dockerfile beside it makes, of this version', () => {
    const dockerfile = textOf('examples/watch/Dockerfile')
    expect(dockerfile).toContain(`-t ${sidecar.image} .`)
    expect(sidecar.image).toBe(`registry.example.com/rivet-otel:${VERSION}`)
    expect(dockerfile).toContain(`rivet-otel-${VERSION}.tgz`)
    // From 22.15 on SQLite is built in, and opens databases by URL.
    expect(Number(/^FROM node:(\d+)-slim$/m.exec(dockerfile)?.[1])).toBeGreaterThanOrEqual(24)
  })
})

describe('the alerts', () => {
  const rules = listOf(contentOf(ALERTS).groups).flatMap((group) => listOf(group.rules))

  it('ask for metrics and labels that there are', async () => {
    const metrics = readExposition(await new WatchMetrics().text())
    const asked = new Set<string>()
    for (const rule of rules) {
      const names = String(rule.expr).match(/\b(?:rivet|process)_[a-z_]+/g) ?? []
      if (names.length === 0) expect(rule.expr).toContain('up{job="rivet-otel-watch"}')
      for (const name of names) expect([...metrics.keys()]).toContain(name)
      for (const name of names) asked.add(name)
    }
    expect(asked.size).toBeGreaterThan(6)
    expect(textOf(ALERTS)).toContain('job_name: rivet-otel-watch')
  })

  it('say how bad it is, what is the matter and what to do', () => {
    for (const rule of rules) {
      expect(['warning', 'critical']).toContain(at(rule, 'labels', 'severity'))
      expect(at(rule, 'annotations', 'summary')).toMatch(/./)
      expect(at(rule, 'annotations', 'description')).toMatch(/./)
    }
  })

  it('come when they should, and only then', () => {
    for (const file of [ALERTS, 'test/deploy/watch-alerts.test.yaml'])
      cpSync(pathOf(file), join(folder, file.split('/').at(-1) ?? ''))
    const args = ['test', 'rules', 'watch-alerts.test.yaml']
    const done = tool('promtool', args, `${ALERTS} by promtool (apt-get install prometheus)`)
    if (done !== undefined) expect([done.status, done.said]).toEqual([0, expect.any(String)])
  })
})

it('each example begins with how to use it', () => {
  for (const file of [UNIT, MANIFEST, ALERTS, 'examples/watch/Dockerfile'])
    expect(textOf(file), file).toMatch(/^(?:# \S.*\n)+#\n# {3}\S/)
})

function listOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

function named(list: JsonValue | undefined, name: string): JsonObject {
  const found = listOf(list).find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

function objectAt(value: JsonValue, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path)
  if (!isJsonObject(found)) throw new Error(`there is no ${path.join('.')}`)
  return found
}
