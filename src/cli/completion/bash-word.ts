/**
 * A word of bash as it stands in the line, with its quotes: what it means so far, and how something
 * that goes on with it is written there.
 *
 * Nothing is ever expanded. A word whose meaning only bash could tell, because of a `$` or of quotes
 * that are closed again, has none here, and is not completed.
 */

/** A word that is being typed. */
export interface BashWord {
  /** What it means so far. */
  readonly text: string
  /**
   * The word that goes on with it, as bash is to put it there: what bash takes for the beginning of the
   * word is left out. `undefined` where it cannot be written in quotes like these.
   */
  completed(text: string): string | undefined
}

const SPECIAL_IN_DOUBLE_QUOTES = /["$`\\]/g
/** Letters, digits and marks of any script, and what no shell takes for anything else. */
const SPECIAL = /[^\p{L}\p{N}\p{M}_./:=@%+,-]/gu

/**
 * What a whole word of the line means; a word that cannot be told is taken as it stands.
 *
 * @example
 * bashText("'my runs.db'") // 'my runs.db'
 */
export function bashText(raw: string): string {
  return scan(raw, '')?.text ?? raw
}

/**
 * The word at the cursor.
 *
 * @param breaks bash's `COMP_WORDBREAKS`: where a word begins anew to bash, and to bash alone
 * @example
 * bashWord('--export=or', '=:').completed('--export=orders') // 'orders'
 */
export function bashWord(raw: string, breaks: string): BashWord | undefined {
  const word = scan(raw, breaks)
  if (word === undefined || word.isClosed) return undefined
  return {
    text: word.text,
    completed: (text) => quoted(text.slice(word.begin), word.quote),
  }
}

interface Scanned {
  readonly text: string
  /** How much of the text bash does not count to the word. */
  readonly begin: number
  /** The quote that is open at the end. */
  readonly quote: string
  /** Whether a quote was opened and closed. */
  readonly isClosed: boolean
}

function scan(raw: string, breaks: string): Scanned | undefined {
  let text = ''
  let begin = 0
  let quote = ''
  let isClosed = false
  for (let at = 0; at < raw.length; at++) {
    const char = raw.charAt(at)
    const next = raw.charAt(at + 1)
    if (char === quote) {
      quote = ''
      isClosed = true
    } else if (quote === "'") text += char
    else if (char === '$' || char === '`') return undefined
    else if (char === '\\' && quote === '') {
      text += next
      at++
    } else if (char === '\\' && /["$`\\]/.test(next)) {
      text += next
      at++
    } else if (quote === '' && (char === '"' || char === "'")) {
      quote = char
      begin = text.length
    } else {
      // Bash leaves an @ in the word that it begins.
      if (breaks.includes(char) && quote === '') begin = text.length + (char === '@' ? 0 : 1)
      text += char
    }
  }
  return { text, begin, quote, isClosed }
}

/** Bash looks for `!` in double quotes too, and takes no `\` away from it there. */
function quoted(text: string, quote: string): string | undefined {
  if (quote === "'") return text.includes("'") ? undefined : text
  if (quote === '"')
    return text.includes('!') ? undefined : text.replace(SPECIAL_IN_DOUBLE_QUOTES, '\\$&')
  return text.replace(SPECIAL, '\\$&')
}
