/** Exports to a file in a process of their own, so that they can be killed, limited and robbed of rights. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { newFolder } from './temporary-folder.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ENTRIES = ['delivery/otlp-file.ts', 'mapping/journal-to-trace.ts', 'journal/codec.ts']

/** Reads journals from a file, gives them `copies` run_ids each, exports them, and says each outcome. */
const PROGRAM = `
import { readFileSync } from 'node:fs'
import { openOtlpFile } from './delivery/otlp-file.js'
import { parseJournal } from './journal/codec.js'
import { journalToTrace } from './mapping/journal-to-trace.js'
const [journals, target, prefix, copies, user] = process.argv.slice(2)
if (user) { process.setgid(Number(user)); process.setuid(Number(user)) }
async function* pages() {
  for (let copy = 0; copy < Number(copies); copy++)
    for (const line of readFileSync(journals, 'utf8').trimEnd().split('\\n')) {
      const journal = parseJournal(line)
      yield* journalToTrace(Object.assign(journal, { run_id: prefix + copy + journal.run_id }))
    }
}
try {
  const delivery = await openOtlpFile(target)
  for await (const { delivered, present, unsent, problem } of delivery.send(pages()))
    console.log(JSON.stringify({ delivered, present, unsent, problem: problem?.message }))
  await delivery.close()
} catch (error) {
  console.log(JSON.stringify({ code: error.code, error: error.message }))
}
`

/** What an export says about a page, or why there was none. */
export interface Said {
  readonly delivered?: number
  readonly present?: number
  readonly unsent?: number
  readonly problem?: string
  readonly code?: string
  readonly error?: string
}

/** An export that is running. */
export interface RunningExport {
  readonly child: ChildProcess
  /** What it says, as it says it. */
  readonly said: AsyncIterable<Said>
}

/** What to export, and how. */
export interface ExportOrder {
  readonly journals: string
  readonly target: string
  /** Put in front of every run_id. */
  readonly prefix?: string
  readonly copies?: number
  /** The id of the user that it runs as. */
  readonly user?: number
  /** The largest file that it may write, in blocks of the shell. */
  readonly mostBlocks?: number
}

/** Compiles the sources once and starts exports with them. */
export class ExportProcesses {
  readonly #folder = newFolder()

  constructor() {
    const tsc = createRequire(import.meta.url).resolve('typescript/package.json')
    const settings = [
      ...['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2024', '--types', 'node'],
      ...['--noCheck', '--skipLibCheck', '--ignoreConfig'],
      ...['--rootDir', join(ROOT, 'src'), '--outDir', this.#folder],
    ]
    const files = ENTRIES.map((file) => join(ROOT, 'src', file))
    execFileSync(process.execPath, [join(dirname(tsc), 'bin', 'tsc'), ...settings, ...files], {
      cwd: ROOT,
      stdio: 'pipe',
    })
    writeFileSync(join(this.#folder, 'package.json'), '{"type":"module"}')
    writeFileSync(join(this.#folder, 'export.js'), PROGRAM)
    symlinkSync(join(ROOT, 'node_modules'), join(this.#folder, 'node_modules'))
  }

  start({
    journals,
    target,
    prefix = '',
    copies = 1,
    user,
    mostBlocks,
  }: ExportOrder): RunningExport {
    const program = join(this.#folder, 'export.js')
    const args = [program, journals, target, prefix, String(copies), user ? String(user) : '']
    const child =
      mostBlocks === undefined
        ? spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
        : spawn(
            'sh',
            ['-c', `ulimit -f ${mostBlocks}; exec "$0" "$@"`, process.execPath, ...args],
            {
              stdio: ['ignore', 'pipe', 'inherit'],
            },
          )
    return { child, said: lines(child) }
  }

  /** Runs an export to its end. */
  async run(order: ExportOrder): Promise<Said[]> {
    const all: Said[] = []
    for await (const each of this.start(order).said) all.push(each)
    return all
  }

  /** Opens the sources, the packages and a file to other users. */
  openToAll(...folders: readonly string[]): void {
    execFileSync('chmod', ['-R', 'a+rX', this.#folder, ...folders])
  }
}

async function* lines({ stdout }: ChildProcess): AsyncGenerator<Said> {
  if (stdout === null) throw new Error('the output of the export was expected')
  for await (const line of createInterface({ input: stdout })) yield JSON.parse(line)
}

/** Ends an export at once, as a crash would. */
export async function kill({ child }: RunningExport): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
