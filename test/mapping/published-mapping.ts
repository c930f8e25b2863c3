/** docs/mapping.md as data: its tables and its blocks of code, for the tests that hold the code to it. */
import { readFileSync } from 'node:fs'

const PAGE = readFileSync(new URL('../../docs/mapping.md', import.meta.url), 'utf8')

/** The rows of the first table whose header begins with these cells, each row by the header's cells. */
export function publishedTable(...header: readonly string[]): Record<string, string>[] {
  const lines = PAGE.split('\n')
  const start = lines.findIndex((line) => {
    const cells = cellsOf(line)
    return cells !== undefined && header.every((cell, i) => cells[i] === cell)
  })
  const names = cellsOf(lines[start] ?? '')
  if (names === undefined) throw new Error(`docs/mapping.md has no table ${header.join(' | ')}`)
  const rows: Record<string, string>[] = []
  for (const line of lines.slice(start + 2)) {
    const cells = cellsOf(line)
    if (cells === undefined) break
    if (cells.length !== names.length)
      throw new Error(`a row has other cells than its table: ${line}`)
    rows.push(Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ''])))
  }
  if (rows.length === 0) throw new Error(`the table ${header.join(' | ')} has no rows`)
  return rows
}

/** What stands between the back-quotes of a cell, each piece. */
export function codesIn(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '')
}

/** What stands between the back-quotes of a cell that has them once. */
export function codeIn(cell: string | undefined): string {
  const [code, ...others] = codesIn(cell)
  if (code === undefined || others.length > 0) throw new Error(`not one piece of code: ${cell}`)
  return code
}

/** Each journal of the page, its canonical text and its digest. */
export function publishedJournals(): { journal: string; canonical: string; digest: string }[] {
  const pattern = /```json\n(.*)\n```\n\n```json\n(.*)\n```\n\n`([0-9a-f]{64})`/g
  return [...PAGE.matchAll(pattern)].map(([, journal = '', canonical = '', digest = '']) => ({
    journal,
    canonical,
    digest,
  }))
}

/** Each span of the page as it is hashed, and the id that follows. */
export function publishedSpans(): { hashed: string; id: string }[] {
  const pattern = /```json\n(.*)\n```\n\n`([0-9a-f]{16})`/g
  return [...PAGE.matchAll(pattern)].map(([, hashed = '', id = '']) => ({ hashed, id }))
}

function cellsOf(line: string): string[] | undefined {
  if (!line.startsWith('|') || !line.endsWith('|')) return undefined
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim())
}
