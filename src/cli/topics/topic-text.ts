/** A topic of the help as text for a terminal. */
import { wrap } from '../view/wrap.js'
import { TOPIC_SUMMARIES, type TopicName } from './topic-names.js'

/** A paragraph; lines of a terminal, shown as they are; or words with what is said of each. */
export type Part =
  | string
  | { readonly lines: readonly string[] }
  | { readonly words: readonly (readonly [word: string, about: string])[] }

const INDENT = 2
const GAP = 2
/** A word that is wider stands on a line of its own. */
const WIDEST_WORD = 38
/** What is left for the text beside the words, at least. */
const NARROWEST_TEXT = 24

/**
 * The text in lines of at most `width` columns; only lines of a terminal may be longer.
 *
 * @example
 * topicText('exit-codes', ['0 is done.'], 80)
 */
export function topicText(name: TopicName, parts: readonly Part[], width: number): string {
  const blocks = parts.map((part) => linesOf(part, width).join('\n'))
  return `${[`${name}: ${TOPIC_SUMMARIES[name]}`, ...blocks].join('\n\n')}\n`
}

function linesOf(part: Part, width: number): string[] {
  if (typeof part === 'string') return wrap(part, width)
  if ('lines' in part) return part.lines.map((line) => `  ${line}`)
  const widths = part.words.map(([word]) => word.length).filter((columns) => columns <= WIDEST_WORD)
  const column = INDENT + Math.max(0, ...widths) + GAP
  const isBeside = width - column >= NARROWEST_TEXT
  return part.words.flatMap((word) => wordLines(word, isBeside ? column : 2 * INDENT, width))
}

function wordLines([word, about]: readonly [string, string], column: number, width: number) {
  const indent = ' '.repeat(column)
  const text = wrap(about, width - column).map((line) => indent + line)
  const head = ' '.repeat(INDENT) + word
  if (head.length + GAP > column) return [head, ...text]
  const [first = '', ...others] = text
  return [head + first.slice(head.length), ...others]
}
