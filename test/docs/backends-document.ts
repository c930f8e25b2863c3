/** docs/backends.md as data: its commands and its searches, for the tests that run them. */
import { readFileSync } from 'node:fs'

/** The whole text. */
export const DOCUMENT = readFileSync(new URL('../../docs/backends.md', import.meta.url), 'utf8')

/** What stands between code fences of a language below a heading, in order; below any where none is given. */
export function fenced(language: string, heading?: string): string[] {
  const fences = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\`$`, 'gm')
  return [...partBelow(heading).matchAll(fences)].map(([, text = '']) => text)
}

/** The rows of the table whose header begins with this cell: the first cell of each, and the others by the header's. */
export function tableOf(first: string): Map<string, Readonly<Record<string, string>>> {
  const lines = DOCUMENT.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${first} |`))
  const [, ...names] = cellsOf(lines[start] ?? '')
  const rows = new Map<string, Readonly<Record<string, string>>>()
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break
    const [row = '', ...cells] = cellsOf(line)
    rows.set(row, Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ''])))
  }
  if (rows.size === 0) throw new Error(`docs/backends.md has no table of ${first}`)
  return rows
}

function cellsOf(line: string): string[] {
  return line.slice(2, -2).split(' | ')
}

/** The headings of the questions that the searches answer. */
export function questions(): string[] {
  return [...partBelow('Searches').matchAll(/^### (.*)$/gm)].map(([, question = '']) => question)
}

function partBelow(heading: string | undefined): string {
  if (heading === undefined) return DOCUMENT
  const [, marks = '', rest = ''] =
    new RegExp(`^(#+) ${heading}\\n([\\s\\S]*)`, 'm').exec(DOCUMENT) ?? []
  if (marks === '') throw new Error(`docs/backends.md has no heading ${heading}`)
  const end = rest.search(new RegExp(`^#{1,${marks.length}} `, 'm'))
  return end < 0 ? rest : rest.slice(0, end)
}
