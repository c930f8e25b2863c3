/**
 * What a shell is told when somebody types a line and asks what could come next: `rivet-otel __complete
 * SHELL …`, which only the scripts of `rivet-otel completion` call.
 *
 * The first line that is printed is the kind of what belongs there: `values`, `files`, or `command`. Of
 * values there follows one on each line: a tab, and what it is; for bash, which shows only values,
 * nothing but the value, in the quotes that are open in the line. It says nothing on stderr, writes
 * nothing, and is done within about 250 ms, or what `RIVET_OTEL_COMPLETION_MS` says: what is not known by then is left out.
 */
import type { Command } from 'commander'
import type { Terminal } from '../terminal.js'
import { printable } from '../view/printable.js'
import { shorten } from '../view/terminal-text.js'
import { type BashWord, bashText, bashWord } from './bash-word.js'
import { type Candidate, type Offer, offerFor } from './candidates.js'
import { type TypedLine, typedLine } from './typed-line.js'

const PATIENCE_MS = 250
const OFFERED_AT_MOST = 100
const ABOUT_COLUMNS = 60

/**
 * Answers a shell.
 *
 * @param args the shell; for bash its `COMP_WORDBREAKS`; and the words of the line after the program's,
 *   up to the cursor: for bash as they stand there, for the others without their quotes
 * @example
 * await complete(['fish', 'show', 'ord'], program, terminal)
 */
export async function complete(
  [shell = '', ...args]: readonly string[],
  program: Command,
  terminal: Terminal,
): Promise<void> {
  try {
    const lines =
      shell === 'bash'
        ? forBash(args, program, terminal)
        : forOthers(shell, args, program, terminal)
    await terminal.print((await lines).map((line) => `${line}\n`).join(''))
  } catch {
    // Nothing is known, then; an error would stand in the middle of the line that is being typed.
  }
}

async function forBash(
  [breaks = '', ...words]: readonly string[],
  program: Command,
  terminal: Terminal,
): Promise<string[]> {
  const current = bashWord(words.at(-1) ?? '', breaks)
  if (current === undefined) return ['values']
  const line = typedLine(program, [...words.slice(0, -1).map(bashText), current.text])
  const offer = await soon(line, terminal)
  if (offer.kind !== 'values') return [offer.kind]
  return [
    'values',
    ...matching(offer.candidates, line).flatMap((one) => written(one, line, current)),
  ]
}

function written({ text }: Candidate, { lead }: TypedLine, current: BashWord): string[] {
  const word = current.completed(lead + text)
  return word === undefined ? [] : [word]
}

/** Zsh and fish put their own quotes. Where nothing begins like what is typed they also look inside. */
async function forOthers(
  shell: string,
  words: readonly string[],
  program: Command,
  terminal: Terminal,
): Promise<string[]> {
  const current = words.at(-1) ?? ''
  // Fish has the quotes of the last word still in it; zsh has not.
  const typed = shell === 'fish' ? bashText(current) : current
  const line = typedLine(program, [...words.slice(0, -1), typed])
  const offer = await soon(line, terminal)
  if (offer.kind !== 'values') return [offer.kind]
  const begun = matching(offer.candidates, line)
  const shown = begun.length > 0 ? begun : holding(offer.candidates, line)
  // Zsh is told which part of the word is meant, fish completes all of it.
  const lead = shell === 'fish' ? line.lead : ''
  return ['values', ...shown.map(({ text, about }) => `${lead}${text}\t${shortly(about)}`)]
}

function matching(candidates: readonly Candidate[], { typed }: TypedLine): Candidate[] {
  return candidates.filter(({ text }) => text.startsWith(typed)).slice(0, OFFERED_AT_MOST)
}

function holding(candidates: readonly Candidate[], { typed }: TypedLine): Candidate[] {
  const wanted = typed.toLowerCase()
  return candidates
    .filter(({ text }) => text.toLowerCase().includes(wanted))
    .slice(0, OFFERED_AT_MOST)
}

function shortly(about: string): string {
  return shorten(printable(about), ABOUT_COLUMNS)
}

async function soon(line: TypedLine, terminal: Terminal): Promise<Offer> {
  const nothing: Offer = { kind: 'values', candidates: [] }
  let timer: NodeJS.Timeout | undefined
  const patience = Number(terminal.env.RIVET_OTEL_COMPLETION_MS) || PATIENCE_MS
  const late = new Promise<Offer>((resolve) => {
    timer = setTimeout(() => resolve(nothing), patience)
  })
  return Promise.race([offerFor(line, terminal), late]).finally(() => clearTimeout(timer))
}
