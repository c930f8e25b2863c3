/**
 * The values that an option takes, as its own description lists them: what the help says is what is
 * completed, and there is no second list to keep.
 */
import type { Option } from 'commander'

const WORD = /^[a-z][a-z0-9/-]*$/
const AGE = /^\d+[smhdw]$/

/**
 * The values that can stand there: those that the description names behind a colon (`…: success, failed …`)
 * or as `one or other`; `undefined` where it names none.
 *
 * @param typed what stands there already: of an option that takes several with commas, all but the last
 * @example
 * optionValues(new Option('--redact <names>', 'fields, with commas between them: query, keys'), 'query,')
 * // ['query,keys']
 */
export function optionValues(option: Option, typed: string): readonly string[] | undefined {
  const values = option.argChoices ?? listed(option)
  if (values === undefined || !option.description.includes('with commas')) return values
  const given = typed.split(',').slice(0, -1)
  return values
    .filter((value) => !given.includes(value))
    .map((value) => [...given, value].join(','))
}

function listed({ description, required, optional }: Option): string[] | undefined {
  if (!required && !optional) return undefined
  const said = description.replace(/ …$| \([^()]*\)$/g, '')
  const [, one, other] = /^(\S+) or (\S+)$/.exec(said) ?? []
  if (one !== undefined && other !== undefined) return [one, other]
  const items = said
    .slice(said.lastIndexOf(': ') + 2)
    .split(', ')
    .filter((item) => WORD.test(item) || AGE.test(item))
  return said.includes(': ') && items.length > 1 ? items : undefined
}
