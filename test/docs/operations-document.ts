/** docs/operations.md as data, and its table of failures as the tests' own table says it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { FAILURES, type Failure, isTriedAgain } from '../e2e/failures.js'

const PLACE = new URL('../../docs/operations.md', import.meta.url)
const BEGIN =
  '<!-- from the table that test/e2e/failures.test.ts checks; RIVET_OTEL_WRITE_DOCS=1 writes it anew -->'
const END = '<!-- end of the table -->'

/** The whole text. */
export function operations(): string {
  return readFileSync(PLACE, 'utf8')
}

/** The table of failures as it should stand there. */
export function failureTable(): string {
  const head = [
    'the server',
    'on stderr',
    'exit code',
    'in the same export',
    'counts',
    'the next export',
  ]
  return [head, head.map(() => '---'), ...FAILURES.map(rowOf)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

/** The table of failures as it stands there. */
export function publishedTable(): string {
  const { before, after, text } = parts()
  return text.slice(before.length, text.length - after.length).trim()
}

/** Puts the table there. */
export function publishTable(): void {
  const { before, after } = parts()
  writeFileSync(PLACE, `${before}\n\n${failureTable()}\n\n${after}`)
}

function rowOf(failure: Failure): string[] {
  const { what, says, code, ledger, twice } = failure
  const undelivered = ledger.filter((standing) => standing !== 'delivered').length
  const isCounted = ledger.includes('failed')
  const again = twice === undefined ? '' : `; may get there twice: ${twice}`
  const next = ['has nothing to send', 'sends that run', '', 'sends them all'][undelivered] ?? ''
  return [
    what,
    says.map((line) => `\`${[line].flat().join('` or `')}\``).join('<br>'),
    String(code),
    failure.atOnce ??
      (isTriedAgain(failure) ? 'tried again, within `--retry-for`' : 'not tried again'),
    undelivered === 0 ? '–' : isCounted ? 'yes' : 'no',
    `${next}${again}`,
  ]
}

function parts(): { readonly before: string; readonly after: string; readonly text: string } {
  const text = operations()
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin < 0 || end < begin) throw new Error('docs/operations.md lacks its marks')
  return { before: text.slice(0, begin + BEGIN.length), after: text.slice(end), text }
}
