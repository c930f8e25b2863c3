/**
 * The command line: which commands and options there are. What a command does is in a file of its
 * own, which is loaded only when the command runs.
 */
import { Command } from 'commander'
import { addCompletion } from './completion-command.js'
import { addCorrelate } from './correlate-command.js'
import { addDiff } from './diff-command.js'
import { addDoctor } from './doctor-command.js'
import { addExec } from './exec-command.js'
import { ExitCode, type ExitCodeValue } from './exit-code.js'
import { addExport } from './export-command.js'
import { addHelp } from './help-command.js'
import { addId } from './id-command.js'
import { addImport } from './import-command.js'
import { addReport } from './report-command.js'
import { addRuns } from './runs-command.js'
import { addServe } from './serve-command.js'
import { addShow } from './show-command.js'
import type { Terminal } from './terminal.js'
import { TOPIC_SUMMARIES } from './topics/topic-names.js'
import { addVerify } from './verify-command.js'
import { printable } from './view/printable.js'
import { addWatch } from './watch-command.js'
import { wrapHelp } from './wrap-help.js'

const HELP_COLUMNS = 80

const EXAMPLES = `
Examples:
  $ rivet-otel runs --since 24h
  $ rivet-otel show @latest
  $ rivet-otel export --last 5 --to http://localhost:4318
  $ rivet-otel watch -c etl/rivet.yaml --to http://localhost:4318
  $ rivet-otel exec --to http://localhost:4318 -- rivet run -c etl/rivet.yaml
  $ rivet-otel import --from traces.otlp.jsonl --to journals.jsonl
  $ rivet-otel verify --in tempo+http://localhost:3200
  $ rivet-otel correlate @latest --chunk --in tempo+http://localhost:3200

Exit codes: 0 done; 1 something was rejected, lost or differs; 2 wrong use;
            3 unreachable.`

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
    .showHelpAfterError('(rivet-otel --help lists what there is)')
    .addHelpText('after', afterHelp)
    .configureHelp({ subcommandTerm: termOf })
    .exitOverride()
    .configureOutput({
      writeOut: printHelp,
      writeErr: (text) => terminal.say(text.trimEnd()),
      outputError: (text, write) => write(printableError(text)),
    })

  program.commandsGroup('Look at runs:')
  addRuns(program, terminal, finish)
  addShow(program, terminal, finish)
  addReport(program, terminal, finish)
  addDiff(program, terminal, finish)
  addCorrelate(program, terminal, finish)
  addServe(program, terminal, finish)

  program.commandsGroup('Send runs as traces:')
  addExport(program, terminal, finish)
  addWatch(program, terminal, finish)
  addExec(program, terminal, finish, wrapped)

  program.commandsGroup('Bring runs back, and check them:')
  addImport(program, terminal, finish)
  addVerify(program, terminal, finish)

  program.commandsGroup('Set up, and find out:')
  addDoctor(program, terminal, finish)
  addId(program, terminal, finish)
  addCompletion(program, terminal, finish)
  addHelp(program, terminal, finish)
  return program
}

function afterHelp(): string {
  const topics = wrapHelp(Object.keys(TOPIC_SUMMARIES).join(', '), HELP_COLUMNS - 2)
  return `\nTopics (rivet-otel help TOPIC):\n  ${topics.join('\n  ')}\n${EXAMPLES}`
}

/** Every command has options; what else it takes is what one wants to see in a list. */
function termOf(command: Command): string {
  return `${command.name()} ${command.usage().replace(/^\[options\] ?/, '')}`.trimEnd()
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
