/** A text as it stands in JSON, for whoever writes the quotes around it. */

/** What stands between quotes as it is. */
const NOTHING_TO_ESCAPE = /^[ !#-[\]-~]*$/

/**
 * What stands for a text between quotes, as `JSON.stringify` writes it.
 *
 * @example
 * escapedText('C:\\data') // 'C:\\\\data'
 */
export function escapedText(text: string): string {
  return NOTHING_TO_ESCAPE.test(text) ? text : JSON.stringify(text).slice(1, -1)
}
