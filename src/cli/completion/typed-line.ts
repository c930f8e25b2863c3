/**
 * What stands at the cursor of a command line that is being typed, by the definitions of the commands
 * themselves: a new command or option is completed as soon as it is defined.
 *
 * It knows what belongs there, not which values there are.
 */
import type { Argument, Command, Option } from 'commander'

/** What belongs at the cursor. */
export type Slot =
  | { readonly kind: 'command' }
  | { readonly kind: 'option' }
  | { readonly kind: 'value'; readonly option: Option }
  | { readonly kind: 'argument'; readonly argument: Argument }
  /** The command that `exec` is to run, which is somebody else's. */
  | { readonly kind: 'wrapped' }
  | { readonly kind: 'nothing' }

/** A line up to its cursor. */
export interface TypedLine {
  readonly command: Command
  readonly slot: Slot
  /** What of the slot stands there already. */
  readonly typed: string
  /** What stands before it in the same word: `--export=`, or nothing. */
  readonly lead: string
  /** The options that are given, by their long names, with the last value of each. */
  readonly given: ReadonlyMap<string, string>
}

/**
 * Takes a line apart.
 *
 * @param words without the program; the last one is being typed, and may be empty
 * @example
 * typedLine(program, ['show', '--from', 'a.db', 'ord']).slot // { kind: 'argument', argument: <run-id> }
 */
export function typedLine(program: Command, words: readonly string[]): TypedLine {
  const before = words.slice(0, -1)
  const current = words.at(-1) ?? ''
  const at = before.findIndex((word) => !word.startsWith('-'))
  const name = at === -1 ? undefined : before[at]
  const command = program.commands.find((one) => one.name() === name)
  if (command === undefined) return outside(program, current, at !== -1 && name !== 'help')
  return within(command, before.slice(at + 1), current)
}

function outside(program: Command, current: string, isUnknown: boolean): TypedLine {
  const kind = isUnknown ? 'nothing' : current.startsWith('-') ? 'option' : 'command'
  return { command: program, slot: { kind }, typed: current, lead: '', given: new Map() }
}

function within(command: Command, before: readonly string[], current: string): TypedLine {
  const given = new Map<string, string>()
  let awaiting: Option | undefined
  let args = 0
  let isBehindDashes = false
  for (const word of before) {
    if (awaiting !== undefined && (awaiting.required || !word.startsWith('-'))) {
      given.set(nameOf(awaiting), word)
      awaiting = undefined
      continue
    }
    awaiting = undefined
    if (isBehindDashes || !word.startsWith('-') || word === '-') args++
    else if (word === '--') isBehindDashes = true
    else {
      const [flag = '', ...value] = word.split('=')
      const option = optionOf(command, flag)
      if (option === undefined) continue
      given.set(nameOf(option), value.join('='))
      if ((option.required || option.optional) && value.length === 0) awaiting = option
    }
  }
  const line = { command, given, lead: '', typed: current }
  if (isBehindDashes && command.name() === 'exec') return { ...line, slot: { kind: 'wrapped' } }
  if (awaiting?.required) return { ...line, slot: { kind: 'value', option: awaiting } }
  if (current.startsWith('-') && !isBehindDashes) return flagOrValue(line)
  // `--chunk RUN`: a value that may be left out, and of which nothing is known, is no slot.
  if (awaiting !== undefined && isFile(awaiting))
    return { ...line, slot: { kind: 'value', option: awaiting } }
  return { ...line, slot: argumentSlot(command, args) }
}

function flagOrValue(line: Omit<TypedLine, 'slot'>): TypedLine {
  const equals = line.typed.indexOf('=')
  if (equals === -1) return { ...line, slot: { kind: 'option' } }
  const option = optionOf(line.command, line.typed.slice(0, equals))
  const lead = line.typed.slice(0, equals + 1)
  const typed = line.typed.slice(equals + 1)
  const slot: Slot = option === undefined ? { kind: 'nothing' } : { kind: 'value', option }
  return { ...line, lead, typed, slot }
}

function argumentSlot(command: Command, index: number): Slot {
  const last = command.registeredArguments.at(-1)
  const argument = command.registeredArguments[index] ?? (last?.variadic ? last : undefined)
  return argument === undefined ? { kind: 'option' } : { kind: 'argument', argument }
}

function optionOf(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => flag === long || flag === short)
}

function nameOf({ long, short }: Option): string {
  return long ?? short ?? ''
}

/**
 * Whether an option's value is a file, or a location, which may be one.
 *
 * @example
 * isFile(new Option('--from <location>')) // true
 */
export function isFile({ flags }: Option): boolean {
  return /[<[](location|file|folder|path)[\]>]/.test(flags)
}
