/** The table "What survives where" of docs/backends.md: what the cells mean, and where it stands. */
import { readFileSync, writeFileSync } from 'node:fs'
import { EVENT_FIELDS } from '../../src/journal/events.js'
import type { HostileField, Means } from './hostile-values.js'

/**
 * What became of every hostile value of a field in one place: all came back as they were sent
 * plainly; the mapping brought back what did not; or even so a journal was not exact.
 */
export type Survival =
  | { readonly kind: 'kept' }
  | { readonly kind: 'restored'; readonly by: readonly Means[] }
  | { readonly kind: 'lost' }

/** A row: a field, and what became of it in each place, in the order of the columns. */
export interface SurvivalRow {
  readonly field: Pick<HostileField, 'name' | 'attribute'>
  readonly cells: readonly Survival[]
}

const DOCUMENT = new URL('../../docs/backends.md', import.meta.url)
const BEGIN =
  '<!-- measured by test/backends/survival.real.ts; RIVET_OTEL_WRITE_DOCS=1 writes it anew -->'
const END = '<!-- end of what was measured -->'

const NOTES: Readonly<Record<Means, string>> = {
  parts: 'A text of more than 2,048 bytes is cut there; it goes in parts, `….part_2` and so on.',
  decimal: 'OTLP has no integer beyond i64; it goes as decimal text.',
  absent: 'A `null` does not come back as one; it goes as nothing at all.',
  list: 'A list comes back as JSON text; it is read as the list.',
  json: 'A list of lists or an object comes back as something else, or OTLP cannot say it; it goes as JSON text.',
  nanos:
    'Times come back in microseconds; the nanoseconds below go beside them, in `….nanos` or `….time`.',
  time: 'OTLP has no other spelling and no other centuries, and a backend not even all of those; the text goes beside the time, in `….time`.',
}
const MEANS = Object.keys(NOTES) as Means[]

/** Every field that the schemas of the events know, as the table names them. */
export function fieldsOfEvents(): string[] {
  return Object.entries(EVENT_FIELDS).flatMap(([kind, fields]) =>
    Object.keys(fields).map((field) => `${kind}.${field}`),
  )
}

/** The table and its notes, as they stand in the document. */
export function survivalText(places: readonly string[], rows: readonly SurvivalRow[]): string {
  const lines = [
    ['field', 'attribute', ...places],
    ['---', '---', ...places.map(() => '---')],
    ...rows.map(({ field: { name, attribute }, cells }) => [
      name.includes(' ') ? name : `\`${name}\``,
      `\`${attribute}\``,
      ...cells.map(cellText),
    ]),
  ].map((cells) => `| ${cells.join(' | ')} |`)
  const used = MEANS.filter((means) =>
    rows.some(({ cells }) =>
      cells.some((cell) => cell.kind === 'restored' && cell.by.includes(means)),
    ),
  )
  const notes = used.map((means) => `- ${noteOf(means)} ${NOTES[means]}`)
  return [...lines, '', ...notes].join('\n')
}

/** What the document says between the two marks. */
export function publishedSurvival(): string {
  const { before, text } = partsOfDocument()
  return text.slice(before.length + BEGIN.length, text.indexOf(END)).trim()
}

/** Puts a table between the two marks. */
export function publishSurvival(table: string): void {
  const { before, text } = partsOfDocument()
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${table}\n\n${text.slice(text.indexOf(END))}`)
}

function partsOfDocument(): { readonly before: string; readonly text: string } {
  const text = readFileSync(DOCUMENT, 'utf8')
  const begin = text.indexOf(BEGIN)
  if (begin < 0 || text.indexOf(END) < begin) throw new Error('docs/backends.md lacks its marks')
  return { before: text.slice(0, begin), text }
}

function cellText(cell: Survival): string {
  return cell.kind === 'restored' ? `restored ${cell.by.map(noteOf).join('')}` : cell.kind
}

function noteOf(means: Means): string {
  return '¹²³⁴⁵⁶⁷'[MEANS.indexOf(means)] ?? ''
}
