/**
 * A real program that runs for a test: started on free ports, waited for, and ended with everything it left.
 *
 * It knows nothing of what the program is; `run-backends.ts` does. The program and its folder go
 * when `stop` is called, and also when the test's process ends in any other way (`keeper.mjs`).
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type JsonValue, stringifyJson } from '../../src/json/lossless.js'

const KEEPER = fileURLToPath(new URL('keeper.mjs', import.meta.url))
/** After that it is killed. Tempo would take half a minute to leave its queue of queries. */
const END_WITHIN_MS = '2000'
const READY_WITHIN_MS = 120_000
const ASK_EVERY_MS = 50
const ATTEMPTS = 5
const ADDRESS_IN_USE = /address already in use|Only one usage of each socket address/

/** A port for each of a program's uses of one. */
export type Ports<Use extends string> = Readonly<Record<Use, number>>

/** What is to be started. */
export interface ProgramToRun<Use extends string> {
  /** Its executable file. */
  readonly program: string
  readonly args: (configFile: string) => readonly string[]
  /** What it needs free ports for. */
  readonly uses: readonly Use[]
  /** Its configuration: JSON, which YAML readers read too. `folder` is empty, and its own. */
  readonly config: (ports: Ports<Use>, folder: string) => JsonValue
  /** The address that answers 200 once it is ready. */
  readonly ready: (ports: Ports<Use>) => string
  /** Its environment, beside that of the test. */
  readonly env?: (ports: Ports<Use>) => Readonly<Record<string, string>>
}

/** A program that runs. */
export interface RunningProgram<Use extends string> {
  /** Free when it was started, its own now, on 127.0.0.1. */
  readonly ports: Ports<Use>
  /** Its folder: its configuration and its data. */
  readonly folder: string
  /** Everything that it printed up to now. */
  log(): string
  /** Ends it and starts it again: the same ports, configuration and data. Resolves when it is ready. */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/**
 * Starts a program and waits until it is ready.
 *
 * @throws {Error} with the end of its log where it ends by itself or is not ready within two minutes.
 * @example
 * const program = await runProgram({ program: '/bin/tempo', … })
 */
export async function runProgram<Use extends string>(
  what: ProgramToRun<Use>,
): Promise<RunningProgram<Use>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(what)
    } catch (error) {
      // Between finding a port free and taking it, somebody else may take it.
      const isTaken = error instanceof Error && ADDRESS_IN_USE.test(error.message)
      if (!isTaken || attempt === ATTEMPTS) throw error
    }
  }
}

async function startOnce<Use extends string>({
  program,
  args,
  uses,
  config,
  ready,
  env,
}: ProgramToRun<Use>): Promise<RunningProgram<Use>> {
  const ports = await freePorts(uses)
  const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-backend-'))
  const configFile = join(folder, 'config.yaml')
  writeFileSync(configFile, stringifyJson(config(ports, folder)))
  const keeper = fork(KEEPER, [END_WITHIN_MS, folder, program, ...args(configFile)], {
    execArgv: [],
    env: { ...quietEnvironment(), ...env?.(ports) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const printed: string[] = []
  for (const stream of [keeper.stdout, keeper.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => printed.push(text))
  }
  const log = () => printed.join('')
  const running: RunningProgram<Use> = {
    ports,
    folder,
    log,
    restart: async () => {
      keeper.send('restart')
      await once(keeper, 'message')
      await untilReady(keeper, ready(ports), log)
    },
    stop: async () => {
      if (hasEnded(keeper)) return
      const ended = once(keeper, 'exit')
      if (keeper.connected) keeper.disconnect()
      await ended
    },
  }
  try {
    await untilReady(keeper, ready(ports), log)
  } catch (error) {
    await running.stop()
    throw error
  }
  return running
}

async function untilReady(keeper: ChildProcess, url: string, log: () => string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  while (!hasEnded(keeper)) {
    if (await answersOk(url)) return
    if (Date.now() > deadline) throw new Error(`not ready at ${url}\n${lastLines(log())}`)
    await delay(ASK_EVERY_MS)
  }
  throw new Error(`it ended before it was ready\n${lastLines(log())}`)
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

function lastLines(log: string): string {
  return log.split('\n').slice(-20).join('\n')
}

/** Held all at once, so that they are different ones. */
async function freePorts<Use extends string>(uses: readonly Use[]): Promise<Ports<Use>> {
  const servers = await Promise.all(uses.map(listenAnywhere))
  const ports = servers.map((server, i) => [uses[i], (server.address() as AddressInfo).port])
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return Object.fromEntries(ports)
}

async function listenAnywhere(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** The programs themselves obey `OTEL_*`: they would send traces of their own, to wherever a test points. */
function quietEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_')),
  )
}
