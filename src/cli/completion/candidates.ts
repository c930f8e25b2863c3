/**
 * What can stand at the cursor of a line that is being typed.
 *
 * It writes nothing, waits for no server, and finds nothing rather than fail: whoever types a line has
 * no use for an error in it.
 */
import type { Command, Option } from 'commander'
import { localRunNames } from '../../bridge/local-run-names.js'
import { parseLocation } from '../../bridge/location.js'
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import type { RunNames } from '../../sources/sqlite-run-names.js'
import { EMBEDDED_FILE, readingLocation } from '../places.js'
import type { Terminal } from '../terminal.js'
import { TOPIC_SUMMARIES } from '../topics/topic-names.js'
import { printable } from '../view/printable.js'
import { optionValues } from './option-values.js'
import { isFile, type TypedLine } from './typed-line.js'

/** A text that can stand there, and what it is. */
export interface Candidate {
  readonly text: string
  readonly about: string
}

/** What the shell is to offer. */
export type Offer =
  | { readonly kind: 'values'; readonly candidates: readonly Candidate[] }
  /** Names of files, which the shell knows best. */
  | { readonly kind: 'files' }
  /** The command behind `exec --`, as the shell completes it alone. */
  | { readonly kind: 'command' }

const RUNS_AT_MOST = 50

/**
 * Finds what can stand there, whether or not it begins like what stands there already; of runs,
 * only those that have it in their run_id.
 *
 * @example
 * await offerFor(typedLine(program, ['show', 'ord']), terminal)
 * // { kind: 'values', candidates: [{ text: 'orders_20261121T085339.134_11188', about: 'orders, 2026-11-21 08:53:42Z' }] }
 */
export async function offerFor(line: TypedLine, terminal: Terminal): Promise<Offer> {
  const { slot } = line
  switch (slot.kind) {
    case 'wrapped':
      return { kind: 'command' }
    case 'nothing':
      return values([])
    case 'command':
      return values(commandsAndTopics(line.command, false))
    case 'option':
      return values(optionsOf(line))
    case 'value':
      return offerForValue(line, slot.option, terminal)
    case 'argument': {
      const { argument } = slot
      if (argument.argChoices !== undefined) return values(plain(argument.argChoices))
      if (line.command.name() === 'help') return values(commandsAndTopics(line.command, true))
      if (!RUN_ARGUMENT.test(argument.name())) return values([])
      return values(await runsAndReferences(line, terminal))
    }
  }
}

/** `<run>`, `[run-id]`, `[later-run]`. */
const RUN_ARGUMENT = /(^|-)run(-id)?s?$/

async function offerForValue(line: TypedLine, option: Option, terminal: Terminal): Promise<Offer> {
  if (isFile(option)) return { kind: 'files' }
  const fixed = optionValues(option, line.typed)
  if (fixed !== undefined) return values(plain(fixed))
  if (option.long === '--run-id') return values(await runsAndReferences(line, terminal))
  if (option.long === '--export') return values(exportsOf(await namesFor(line, terminal, '')))
  return values([])
}

function values(candidates: readonly Candidate[]): Offer {
  return { kind: 'values', candidates: candidates.filter(isHarmless) }
}

/** A shell takes a candidate a line, and a tab for its end. */
function isHarmless({ text }: Candidate): boolean {
  return text !== '' && printable(text) === text && withoutConnectionSecrets(text) === text
}

function plain(texts: readonly string[]): Candidate[] {
  return texts.map((text) => ({ text, about: '' }))
}

function commandsAndTopics(command: Command, hasTopics: boolean): Candidate[] {
  const program = command.parent ?? command
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .map((one) => ({ text: one.name(), about: one.summary() || one.description() }))
  if (!hasTopics) return commands
  const topics = Object.entries(TOPIC_SUMMARIES).map(([text, about]) => ({ text, about }))
  return [...commands, ...topics]
}

/** Without those that are given, unless they may be given several times. */
function optionsOf({ command, given }: TypedLine): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long, parseArg }) => long !== undefined && (parseArg || !given.has(long)))
    .map(({ long, description }) => ({ text: long ?? '', about: description }))
}

async function runsAndReferences(line: TypedLine, terminal: Terminal): Promise<Candidate[]> {
  const names = await namesFor(line, terminal)
  // What reads nothing cannot tell which run is the latest.
  if (!hasOption(line.command, '--from')) return runsOf(names)
  const latest = names.runs.length + names.exports.length > 0
  return [
    ...runsOf(names),
    ...(latest ? [{ text: '@latest', about: 'the newest run' }] : []),
    ...names.exports.map((name) => ({
      text: `${name}@latest`,
      about: `the newest run of ${name}`,
    })),
  ]
}

function runsOf({ runs }: RunNames): Candidate[] {
  return runs.map(({ runId, exportName, at }) => {
    const ended = at === undefined ? [] : [at.slice(0, 19).replace('T', ' ')]
    return { text: runId, about: [withoutConnectionSecrets(exportName), ...ended].join(', ') }
  })
}

/** Those of the newest runs first. */
function exportsOf({ runs, exports }: RunNames): Candidate[] {
  const names = new Set([...runs.map(({ exportName }) => exportName), ...exports])
  return plain([...names].filter((name) => !name.startsWith('-')))
}

/** A name that begins with `-` would be an option where it is put into a line. */
async function namesFor(
  line: TypedLine,
  terminal: Terminal,
  part: string = line.typed,
): Promise<RunNames> {
  const wanted = { part, most: RUNS_AT_MOST }
  const { runs, exports } = await localRunNames(placeOf(line, terminal), wanted)
  return {
    runs: runs.filter(({ runId }) => !runId.startsWith('-')),
    exports: exports.filter((name) => !name.startsWith('-')),
  }
}

/** The place that the command would read. */
function placeOf({ command, given }: TypedLine, terminal: Terminal) {
  const from = atHome(given.get('--from'), terminal)
  const config = atHome(given.get('--config'), terminal)
  const readsTraces = hasOption(command, '--from') && !hasOption(command, '--config')
  if (from === undefined && readsTraces) return parseLocation(EMBEDDED_FILE)
  return readingLocation(
    { ...(from === undefined ? {} : { from }), ...(config === undefined ? {} : { config }) },
    terminal,
  )
}

function hasOption(command: Command, name: string): boolean {
  return command.options.some(({ long }) => long === name)
}

/** The shell would have put the folder there, if the line had been run. */
function atHome(path: string | undefined, { env }: Terminal): string | undefined {
  return path?.replace(/^~(?=\/)/, () => env.HOME ?? '~')
}
