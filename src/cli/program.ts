/**
 * The command line: which commands and options there are. What a command does is in a file of its
 * own, which is loaded only when the command runs.
 */
import { Command, Option } from 'commander'
import { ExitCode, type ExitCodeValue } from './exit-code.js'
import type { Terminal } from './terminal.js'

const EXAMPLES = `
Examples:
  $ rivet-otel export                                 send the runs of ./.rivet_state.db
  $ rivet-otel export --last 5 --to http://localhost:4318
  $ rivet-otel import --from traces.otlp.jsonl --to journals.jsonl
  $ rivet-otel runs --since 24h
  $ rivet-otel show orders_20261121T085339.134_11188

Exit codes: 0 done; 1 something was rejected, lost or differs; 2 wrong use or bad input; 3 unreachable.`

const LOCATIONS = `
Locations to read:  ./.rivet_state.db, journals.jsonl, journals.json, traces.otlp.jsonl, - (standard input)
Default:            the state database of rivet, as rivet finds it: RIVET_STATE_URL where it is set,
                    else .rivet_state.db beside -c rivet.yaml, else ./.rivet_state.db`

/**
 * Builds the command line; `finish` is told the exit code of the command that ran.
 *
 * @example
 * await buildProgram('0.1.0', terminal, (code) => { process.exitCode = code }).parseAsync(process.argv)
 */
export function buildProgram(
  version: string,
  terminal: Terminal,
  finish: (code: ExitCodeValue) => void,
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
    .configureOutput({ writeOut: printHelp, writeErr: (text) => terminal.say(text.trimEnd()) })

  addExport(program, terminal, finish)
  addImport(program, terminal, finish)
  addRuns(program, terminal, finish)
  addShow(program, terminal, finish)
  addId(program, terminal, finish)
  return program
}

type Finish = (code: ExitCodeValue) => void

function addExport(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('export')
    .summary('send runs as traces')
    .description(
      'Sends runs as traces: to an OTLP endpoint, or into a file of OTLP JSON lines, to which it adds what is missing. Without a selection it sends every run; an endpoint gets them again each time.',
    )
  selecting(reading(command))
    .option(
      '--to <location>',
      'http(s)://host:4318, or a file (default: the endpoint of OTEL_EXPORTER_OTLP_*, else rivet-traces.otlp.jsonl)',
    )
    .option(
      '--namespace <name>',
      'part of every id; tells state databases apart (RIVET_OTEL_NAMESPACE)',
    )
    .option('--dry-run', 'say what would be sent, send nothing')
    .option('--json', 'print the outcome as JSON')
    .addOption(
      new Option('--protocol <name>', 'http/protobuf or http/json (OTEL_EXPORTER_OTLP_PROTOCOL)'),
    )
    .option(
      '--header <name=value>',
      'a header; a value that begins with $ names a variable, one with @ a file',
      collect,
    )
    .option('--timeout <ms>', 'for one request (OTEL_EXPORTER_OTLP_TIMEOUT, default 10000)')
    .option('--compression <name>', 'gzip or none (OTEL_EXPORTER_OTLP_COMPRESSION)')
    .option('--certificate <file>', 'trusted certificates, PEM (OTEL_EXPORTER_OTLP_CERTIFICATE)')
    .option('--client-certificate <file>', 'PEM (OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE)')
    .option('--client-key <file>', 'PEM (OTEL_EXPORTER_OTLP_CLIENT_KEY)')
    .option('--max-request-bytes <n>', 'size of a request before compression (default 4000000)')
    .option('--concurrency <n>', 'requests under way at once (default 4)')
    .option(
      '--retry-for <ms>',
      'how long a request that failed for the moment is tried again (default 10000, 0 never)',
    )
    .addHelpText(
      'after',
      `${LOCATIONS}

Examples:
  $ rivet-otel export --all --to traces.otlp.jsonl
  $ rivet-otel export --export orders --since 7d --to http://localhost:4318
  $ rivet-otel export --to https://otlp.example.com --header 'authorization=$OTLP_TOKEN'`,
    )
    .action(async (options) => {
      const { exportTraces } = await import('./commands/export.js')
      finish(await exportTraces(options, terminal))
    })
}

function addImport(program: Command, terminal: Terminal, finish: Finish): void {
  const command = program
    .command('import')
    .summary('make journals of traces')
    .description(
      'Makes run journals of traces. Only runs that came back whole are written; the others are named.',
    )
  selecting(
    command.option(
      '--from <location>',
      'traces: a file of OTLP JSON, or - (default: rivet-traces.otlp.jsonl)',
    ),
  )
    .option(
      '--to <file>',
      'journals, one a line; a name that ends in .json gets a list (default: standard output)',
    )
    .option('--force', 'overwrite the file')
    .option('--namespace <name>', 'only runs that were sent with this namespace')
    .option('--json', 'print a report as JSON instead of the journals')
    .addHelpText(
      'after',
      `
Examples:
  $ rivet-otel import --from traces.otlp.jsonl --to journals.jsonl
  $ rivet-otel import --export orders | jq .run_id`,
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
    .description('Lists runs, the newest last; without a selection the last 20.')
  selecting(reading(command))
    .option('--namespace <name>', 'of traces, only those that were sent with this namespace')
    .option('--json', 'print one JSON object a line')
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
    .option('--namespace <name>', 'of traces, only those that were sent with this namespace')
    .option('--json', 'print the journal')
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

function reading(command: Command): Command {
  return command
    .option('--from <location>', 'where to read')
    .option('-c, --config <file>', "rivet's configuration; the state database lies beside it")
}

function selecting(command: Command): Command {
  return command
    .option('--run-id <id>', 'this run; may be given several times', collect)
    .option('--export <name>', 'runs of this export; may be given several times', collect)
    .option('--last <n>', 'only the newest n')
    .option(
      '--since <time>',
      'only runs that ended since: 2026-11-21, 2026-11-21T08:00:00Z, 90m, 24h, 7d',
    )
    .option('--all', 'every run')
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

/** What commander has printed already is not an error of ours. */
export function exitCodeOfUsage(error: { readonly exitCode: number }): ExitCodeValue {
  return error.exitCode === 0 ? ExitCode.DONE : ExitCode.WRONG_USE
}
