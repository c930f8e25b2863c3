/**
 * A reader of Prometheus' text format 0.0.4, written from its description and stricter than
 * Prometheus: what it takes, every server takes.
 */

/** A metric with its samples. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: readonly { labels: Readonly<Record<string, string>>; value: number }[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/

/** The metrics of a text, by name; throws at the first thing that is not in order. */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  if (!text.isWellFormed()) throw new Error('half a character')
  const families = new Map<string, Family & { samples: Family['samples'][number][] }>()
  const seen = new Set<string>()
  let help: { name: string; text: string } | undefined
  let family: (Family & { samples: Family['samples'][number][] }) | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    if (/[\p{Cc}\u2028\u2029]/u.test(line)) throw new Error(`a control character: ${line}`)
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (keyword === 'HELP') {
      help = { name, text: rest }
    } else if (keyword === 'TYPE') {
      if (!NAME.test(name) || families.has(name)) throw new Error(`a name, or twice: ${line}`)
      if (!['counter', 'gauge'].includes(rest)) throw new Error(`a type: ${line}`)
      if (help?.name !== name) throw new Error(`no help: ${line}`)
      family = { name, type: rest, help: help.text, samples: [] }
      families.set(name, family)
    } else {
      if (seen.has(line.slice(0, line.lastIndexOf(' ')))) throw new Error(`twice: ${line}`)
      seen.add(line.slice(0, line.lastIndexOf(' ')))
      family?.samples.push(readSample(line, family.name))
      if (family === undefined) throw new Error(`a sample of nothing: ${line}`)
    }
  }
  return families
}

function readSample(line: string, family: string): Family['samples'][number] {
  const [, name, inner = '', number = ''] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (name !== family) throw new Error(`a sample of another metric than ${family}: ${line}`)
  if (!/^-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)$|^\+Inf$|^NaN$/.test(number))
    throw new Error(`a number: ${line}`)
  const labels: Record<string, string> = {}
  for (let rest = inner; rest !== ''; ) {
    const [all, label = '', value = ''] = LABEL.exec(rest) ?? []
    if (all === undefined || Object.hasOwn(labels, label)) throw new Error(`labels: ${line}`)
    labels[label] = value.replaceAll(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char))
    rest = rest.slice(all.length)
  }
  return { labels, value: Number(number) }
}

/** The value of the sample with these labels; `undefined` where there is none. */
export function valueIn(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const family = families.get(name)
  if (family === undefined) throw new Error(`there is no metric ${name}`)
  const wanted = JSON.stringify(Object.entries(labels).sort())
  return family.samples.find((one) => JSON.stringify(Object.entries(one.labels).sort()) === wanted)
    ?.value
}
