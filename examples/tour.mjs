// The main job on real data: the runs of a state database that rivet wrote go out as traces, come
// back from them, and are compared. It writes to a folder for temporary files and to nowhere else.
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openJournalFile, openSqliteSource, stringifyJournal } from 'rivet-otel'

const database = fileURLToPath(new URL('shop.rivet_state.db', import.meta.url))
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'rivet-otel-tour-'))
const traces = join(folder, 'rivet-traces.otlp.jsonl')
const journals = join(folder, 'journals.jsonl')

rivetOtel('export', '--from', database, '--all', '--to', traces)
rivetOtel('import', '--from', traces, '--to', journals)
await compare()
rivetOtel('runs', '--from', traces)
const failed = 'chunk_boom_20261121T085433.976_12990'
rivetOtel('show', '--from', traces, failed)
const report = join(folder, `rivet-report-${failed}.html`)
rivetOtel('report', '--from', traces, failed, '--to', report)
console.log(`\nThe traces are in ${traces}; any OpenTelemetry collector reads that file.`)
console.log(`The report of the run that failed is ${report}; open it in a browser.`)

/** @param {string[]} args */
function rivetOtel(...args) {
  const shown = args.map((arg) => (arg === database ? relative(process.cwd(), database) : arg))
  console.log(`\n$ rivet-otel ${shown.join(' ')}`)
  execFileSync(process.execPath, [cli, ...args], { stdio: 'inherit' })
}

async function compare() {
  const sent = await textsByRun(await openSqliteSource(database))
  const back = await textsByRun(await openJournalFile(journals))
  const same = [...sent].filter(([runId, text]) => back.get(runId) === text)
  console.log(`\n${same.length} of ${sent.size} journals came back, equal to the letter.`)
  if (same.length !== sent.size || back.size !== sent.size) process.exitCode = 1
}

/** @param {import('rivet-otel').JournalSource} source */
async function textsByRun(source) {
  const texts = new Map()
  for await (const item of source.read({})) {
    if (item.kind === 'unreadable') throw new Error(`${item.where}: ${item.problem}`)
    texts.set(item.journal.run_id, stringifyJournal(item.journal))
  }
  await source.close()
  return texts
}
