/** Text over several lines of a given width. */
import { formatCount } from '../../view/quantities.js'
import { printable } from './printable.js'
import { displayWidth, graphemesOf, shorten } from './terminal-text.js'

const WORDS = /( *)([^ ]+)/g

/**
 * Breaks a text into lines of at most `columns`: at its own line breaks, then between words, and
 * inside a word only where that is wider than a line. A line that goes on keeps the indentation of
 * its first. The lines are printable and have no spaces at their ends.
 *
 * With `maxLines`, the lines after so many are counted in one more line.
 *
 * @example
 * wrap('division by zero\nin chunk 5', 12) // ['division by', 'zero', 'in chunk 5']
 */
export function wrap(text: string, columns: number, maxLines = Number.POSITIVE_INFINITY): string[] {
  const lines = text
    .trimEnd()
    .split(/\r\n|\n|\r/)
    .flatMap((line) => wrapLine(printable(line.replaceAll('\t', '  ')), Math.max(1, columns)))
  if (lines.length <= maxLines + 1) return lines
  const more = `… ${formatCount(lines.length - maxLines)} more lines`
  return [...lines.slice(0, maxLines), shorten(more, columns)]
}

function wrapLine(line: string, columns: number): string[] {
  const depth = line.search(/[^ ]|$/)
  const indent = ' '.repeat(Math.min(depth, Math.max(0, Math.floor(columns / 2) - 1)))
  const lines: string[] = []
  let current = indent
  let width = indent.length
  let isEmpty = true
  const flush = () => {
    lines.push(current.trimEnd())
    current = indent
    width = indent.length
    isEmpty = true
  }
  for (const [, spaces = '', word = ''] of line.matchAll(WORDS)) {
    const wordWidth = displayWidth(word)
    const gap = isEmpty ? '' : spaces
    if (!isEmpty && width + gap.length + wordWidth > columns) flush()
    if (indent.length + wordWidth <= columns) {
      current += isEmpty ? word : gap + word
      width += (isEmpty ? 0 : gap.length) + wordWidth
      isEmpty = false
      continue
    }
    for (const grapheme of graphemesOf(word)) {
      const graphemeWidth = displayWidth(grapheme)
      if (!isEmpty && width + graphemeWidth > columns) flush()
      current += grapheme
      width += graphemeWidth
      isEmpty = false
    }
  }
  if (!isEmpty || lines.length === 0) flush()
  return lines
}
