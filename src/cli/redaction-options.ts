/** What is taken out of journals before they become traces, from a command's options. */
import { readFileSync } from 'node:fs'
import { quotedSetting } from '../http/setting.js'
import {
  REDACTED_FIELDS,
  type RedactedFields,
  type RedactionPolicy,
  redactorOf,
} from '../journal/redaction.js'
import { redactionPattern } from '../journal/redaction-pattern.js'
import { RivetOtelError, reasonOf } from '../problem.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/printable.js'

/** The options about redaction, as they stand on the command line. */
export interface RedactionOptions {
  readonly redact?: string
  readonly redactPattern?: readonly string[]
  readonly redactPatterns?: string
  readonly redactKey?: string
}

const NAMES = Object.keys(REDACTED_FIELDS)

/**
 * The policy that options and environment mean: `--redact` before `RIVET_OTEL_REDACT`, `--redact-key`
 * before `RIVET_OTEL_REDACT_KEY`, which is the key itself.
 *
 * @throws {RivetOtelError} `USAGE` or `INVALID_CONFIGURATION`, naming the option; no message repeats a
 * pattern or a key.
 * @example
 * redactionPolicy({ redact: 'query,files' }, terminal) // { fields: ['query', 'files'] }
 */
export function redactionPolicy(options: RedactionOptions, terminal: Terminal): RedactionPolicy {
  const fields = fieldsOf(options, terminal)
  const patterns = [
    ...(options.redactPattern ?? []).map((text, i, all) =>
      readPattern(
        all.length > 1 ? `--redact-pattern ${i + 1} of ${all.length}` : '--redact-pattern',
        text,
      ),
    ),
    ...patternsInFile(options.redactPatterns),
  ]
  const key = keyOf(options, terminal)
  if (options.redactKey !== undefined && fields.length + patterns.length === 0) {
    throw new RivetOtelError(
      'USAGE',
      '--redact-key is about what is taken out, and nothing is; give it with --redact or --redact-pattern',
    )
  }
  if (fields.length + patterns.length === 0) return {}
  const policy = { fields, patterns, ...(key === undefined ? {} : { key }) }
  redactorOf(policy)
  return policy
}

function fieldsOf({ redact }: RedactionOptions, { env }: Terminal): RedactedFields[] {
  const name = redact === undefined ? 'RIVET_OTEL_REDACT' : '--redact'
  const text = redact ?? env.RIVET_OTEL_REDACT?.trim() ?? ''
  if (text === '' && redact === undefined) return []
  return text.split(',').map((part) => {
    const field = part.trim().toLowerCase()
    if (NAMES.includes(field)) return field as RedactedFields
    throw new RivetOtelError(
      'USAGE',
      `${name}: ${printable(quotedSetting(part))} is no name of fields; expected some of ${NAMES.join(', ')}, with commas between them`,
    )
  })
}

function patternsInFile(file: string | undefined): RegExp[] {
  if (file === undefined) return []
  if (!file.startsWith('@')) {
    throw new RivetOtelError(
      'USAGE',
      '--redact-patterns: expected @ and a file, with one pattern a line',
      {
        hint: 'A single pattern is given with --redact-pattern.',
      },
    )
  }
  const patterns = readText('--redact-patterns', file.slice(1))
    .split(/\r?\n/)
    .flatMap((line, i) =>
      line.trim() === '' || line.startsWith('#')
        ? []
        : [readPattern(`--redact-patterns ${file.slice(1)} line ${i + 1}`, line)],
    )
  if (patterns.length > 0) return patterns
  throw new RivetOtelError(
    'USAGE',
    `--redact-patterns: ${printable(file.slice(1))} has no pattern; expected one a line (a line that begins with # is a comment)`,
  )
}

function readPattern(option: string, text: string): RegExp {
  try {
    return redactionPattern(text)
  } catch (error) {
    throw new RivetOtelError('USAGE', `${option}: ${reasonOf(error)}`, {
      cause: error,
      hint: 'Patterns are regular expressions as JavaScript has them, by code points; a special letter is taken as it is behind a \\.',
    })
  }
}

/** A key on the command line itself would stand in the list of processes. */
function keyOf({ redactKey }: RedactionOptions, { env }: Terminal): string | undefined {
  if (redactKey === undefined) return env.RIVET_OTEL_REDACT_KEY || undefined
  if (redactKey.startsWith('@')) {
    const key = readText('--redact-key', redactKey.slice(1)).trim()
    if (key !== '') return key
    throw new RivetOtelError('USAGE', `--redact-key: ${redactKey.slice(1)} is empty`)
  }
  const name = /^\$([A-Za-z_]\w*)$/.exec(redactKey)?.[1]
  if (name === undefined) {
    throw new RivetOtelError(
      'USAGE',
      '--redact-key: expected $ and the name of a variable, or @ and a file; the key itself would stand in the list of processes',
    )
  }
  const key = env[name]
  if (key) return key
  throw new RivetOtelError('NOT_FOUND', `--redact-key: the variable ${name} is not set`)
}

function readText(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new RivetOtelError('NOT_FOUND', `${option}: ${reasonOf(error)}`, { cause: error })
  }
}
