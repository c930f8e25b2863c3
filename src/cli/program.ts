/**
 * The command line: which commands and options there are. What a command does is in a file of its
 * own, which is loaded only when the command runs.
 */
import { Command } from 'commander'
import { addCorrelate } from './correlate-command.js'
import { addDiff } from './diff-command.js'
import { addExec } from './exec-command.js'
import { ExitCode, type ExitCodeValue } from './exit-code.js'
import { addExport } from './export-command.js'
import { LOCATIONS } from './locations-help.js'
import {
  collect,
  connecting,
  fromServer,
  reading,
  redacting,
  selecting,
  selectingMore,
} from './option-groups.js'
import { addReport } from './report-command.js'
import { addServe } from './serve-command.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/terminal-text.js'
import { addWatch } from './watch-command.js'

const EXAMPLES = `
Examples:
  $ rivet-otel export                                 send the runs of ./.rivet_state.db
  $ rivet-otel export --last 5 --to http://localhost:4318
  $ rivet-otel watch -c etl/rivet.yaml --to http://localhost:4318
  $ rivet-otel exec --to http://localhost:4318 -- rivet run -c etl/rivet.yaml
  $ rivet-otel import --from traces.otlp.jsonl --to journals.jsonl
  $ rivet-otel runs --since 24h
  $ rivet-otel show orders_20261121T085339.134_11188
  $ rivet-otel verify --in tempo+http://localhost:3200
  $ rivet-otel correlate orders_20261121T085339.134_11188 --chunk --in tempo+http://localhost:3200

Exit codes: 0 done; 1 something was rejected, lost or differs; 2 wrong use or bad input; 3 unreachable.`

const NAMESPACE_OF_TRACES =
  'of traces, only those that were sent with this namespace (RIVET_OTEL_NAMESPACE)'

/**
 * Builds the command line; `finish` is told the exit code of the command that ran.
 *
 * @param wrapped what `exec` is to run; see {@link wrappedCommand}
 * @example
 * await buildProgram('0.1.0', terminal, (code) => { process.exitCode = code }).parseAsync(process.argv)
 */
export function buildProgram(
  version: string,
  terminal: Terminal,
  finish: (code: number) => void,
  wrapped?: readonly string[],
): Command {
  const printHelp = (text: string) => void terminal.print(text).catch(() => {})
  const program = new Command('rivet-otel')
    .description(
      "rivet's run journals as OpenTelemetry traces, and traces as the same journals again.",
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(rivet-otel --help lists what there is)')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: printHelp,
      writeErr: (text) => terminal.say(text.trimEnd()),
      outputError: (text, write) => write(printableError(text)),
    })

  addExport(program, terminal, finish)
  addWatch(program, terminal, finish)
  addExec(program, terminal, finish, wrapped)
  addImport(program, terminal, finish)
  addRuns(program, terminal, finish)
  addShow(program, terminal, finish)
  addReport(program, terminal, finish)
  addDiff(program, terminal, finish)
  addId(program, terminal, finish)
  addVerify(program, terminal, finish)
  addCorrelate(program, terminal, finish)
  addServe(program, terminal, finish)
  addDoctor(program, terminal, finish)
  return program
}

/** Is told the exit code of the command that ran. */
type Finish = (code: ExitCodeValue) => void

function addImport(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('import')
    .summary('make journals of traces')
    .description(
      'Makes run journals of traces. Only runs that came back whole, as rivet wrote them, are written; the others are named. Without a selection it takes every run, of a server those of the last week.',
    )
  selectingMore(
    command.option(
      '--from <location>',
      'traces: a file, -, jaeger+http(s)://… or tempo+http(s)://… (default: rivet-traces.otlp.jsonl)',
    ),
  )
    .option(
      '--to <file>',
      'journals, one a line; a name that ends in .json gets a list (default: standard output)',
    )
    .option('--force', 'overwrite the file')
    .option('--include-redacted', 'write also journals that their sender took something out of')
    .option('--namespace <name>', NAMESPACE_OF_TRACES)
    .option('--json', 'print a report as JSON instead of the journals')
  fromServer(command)
    .addHelpText(
      'after',
      `
Examples:
  $ rivet-otel import --from traces.otlp.jsonl --to journals.jsonl
  $ rivet-otel import --export orders | jq .run_id
  $ rivet-otel import --from tempo+http://localhost:3200 --since 24h --status failed
  $ rivet-otel import --from jaeger+http://localhost:16686 --run-id orders_20261121T085339.134_11188`,
    )
    .action(async (options) => {
      const { importJournals } = await import('./commands/import.js')
      finish(await importJournals(options, terminal))
    })
}

function addRuns(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('runs')
    .summary('list runs')
    .description(
      'Lists runs, the newest last, also those that were killed or are running and left no journal; without a selection the last 20, of a server those of the last week.',
    )
  selectingMore(reading(command))
    .option('--namespace <name>', NAMESPACE_OF_TRACES)
    .option('--json', 'print one JSON object a line')
  fromServer(command)
    .addHelpText('after', LOCATIONS)
    .action(async (options) => {
      const { runs } = await import('./commands/runs.js')
      finish(await runs(options, terminal))
    })
}

function addShow(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('show')
    .argument('<run-id>')
    .summary('show one run')
    .description('Shows one run: what was planned, what happened, what degraded, and how it ended.')
  reading(command)
    .option('--files', 'list every file')
    .option('--namespace <name>', NAMESPACE_OF_TRACES)
    .option('--json', 'print the journal, or what there is of a run that left none')
  fromServer(command)
    .addHelpText('after', LOCATIONS)
    .action(async (runId, options) => {
      const { show } = await import('./commands/show.js')
      finish(await show(runId, options, terminal))
    })
}

function addId(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('id')
    .argument('<run-id>')
    .summary("compute the ids of a run's trace")
    .description("Computes the ids of a run's trace from its run_id alone; reads nothing.")
    .option('--namespace <name>', 'the namespace that the run was sent with (RIVET_OTEL_NAMESPACE)')
    .option('--page <n>', 'a later page of a large run')
    .option('--revision <n>', 'a later journal under the same run_id')
    .option('--json', 'print JSON')
    .action(async (runId, options) => {
      const { id } = await import('./commands/id.js')
      finish(await id(runId, options, terminal))
    })
}

function addVerify(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('verify')
    .summary('read runs back from where they were sent and compare')
    .description(
      'Reads runs back from where they were sent and compares them with their journals, entry for entry: exact, redacted (the same by the same --redact), incomplete, differs or missing, and why. Exit code 1 when any is neither exact nor redacted.',
    )
  selecting(reading(command))
    .option(
      '--in <location>',
      'where they were sent: a file, jaeger+http(s)://… or tempo+http(s)://… (default: rivet-traces.otlp.jsonl)',
    )
    .option('--namespace <name>', 'the namespace that they were sent with (RIVET_OTEL_NAMESPACE)')
    .option('--json', 'print the outcome as JSON')
  fromServer(redacting(command))
    .addHelpText(
      'after',
      `${LOCATIONS}

Examples:
  $ rivet-otel verify --last 20 --in tempo+http://localhost:3200
  $ rivet-otel verify -c etl/rivet.yaml --since 24h --in jaeger+https://jaeger.example.com --header 'authorization=$TOKEN'`,
    )
    .action(async (options) => {
      const { verify } = await import('./commands/verify.js')
      finish(await verify(options, terminal))
    })
}

function addDoctor(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('doctor')
    .summary('measure a target before trusting it')
    .description(
      'Sends a few probe traces and, where they are read back, a burst of 500 more; says in plain words what this target does to runs and which setting mends it.',
    )
    .option(
      '--to <location>',
      'where runs are to be sent: http(s)://host:4318 (OTEL_EXPORTER_OTLP_ENDPOINT)',
    )
    .option('--in <location>', 'where they are read back: jaeger+http(s)://… or tempo+http(s)://…')
    .option('--read-header <name=value>', 'like --header, for reading back', collect)
    .option('--tenant <name>', 'the header X-Scope-OrgID, for sending and for reading back')
    .option('--wait <time>', 'how long probes are waited for (default 10s)')
    .option('--burst <n>', 'with --in, traces to send at once (default 500, 0 for none)')
    .option('--dry-run', 'say what would be sent, send nothing')
    .option('--json', 'print the findings as JSON')
  connecting(command)
    .addHelpText(
      'after',
      `
Examples:
  $ rivet-otel doctor --to http://localhost:4318 --in tempo+http://localhost:3200
  $ rivet-otel doctor --to https://otlp.example.com --header 'authorization=$TOKEN'`,
    )
    .action(async (options) => {
      const { doctor } = await import('./commands/doctor.js')
      finish(await doctor(options, terminal))
    })
}

/**
 * Commander puts what it suggests on a line of its own; any other line break came with an argument. It
 * repeats an option that it does not know with its value, which may be a secret: `--haeder=…`.
 */
function printableError(text: string): string {
  return text
    .trimEnd()
    .replace(/(unknown option '[^'=]*)=[\s\S]*'(?=\n|$)/, "$1=…'")
    .split(/\n(?=\(Did you mean [^\n]*$)/)
    .map(printable)
    .join('\n')
}

/** What commander has printed already is not an error of ours. */
export function exitCodeOfUsage(error: { readonly exitCode: number }): ExitCodeValue {
  return error.exitCode === 0 ? ExitCode.DONE : ExitCode.WRONG_USE
}
