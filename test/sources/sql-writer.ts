/**
 * A writer of a SQLite database in a process of its own, as rivet is one.
 *
 * It must be another process: SQLite's locks are between processes.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SHELL = fileURLToPath(new URL('sql-shell.mjs', import.meta.url))

/** A process that has a database open for writing. */
export class SqlWriter {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>

  private constructor(child: ChildProcess, answers: AsyncIterator<string>) {
    this.#child = child
    this.#answers = answers
  }

  /** Starts one; it has opened the file and done nothing yet. */
  static async open(file: string): Promise<SqlWriter> {
    const child = spawn(process.execPath, ['--no-warnings', SHELL, file], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const { value } = await answers.next()
    if (value !== 'open') throw new Error(`the writer did not start: ${value}`)
    return new SqlWriter(child, answers)
  }

  /** Executes statements; throws what SQLite says where it refuses. */
  async run(sql: string): Promise<void> {
    // readline takes U+2028 for the end of a line too.
    const line = JSON.stringify(sql).replaceAll('\u2028', '\\u2028')
    this.#child.stdin?.write(`${line}\n`)
    const { value } = await this.#answers.next()
    if (value !== 'ok') throw new Error(`the writer was refused: ${value}`)
  }

  /** Ends as a program ends that closes its database. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await exited
  }

  /** Ends at once, leaving everything as it lies. */
  async kill(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}
