/** What there is to know about what is taken out of journals. */
import type { Part } from './topic-text.js'

/** `help redaction`. */
export const REDACTION: readonly Part[] = [
  'Passwords in connection strings, settings and SQL are always taken out, and shown nowhere. What else should not leave is named:',
  {
    words: [
      [
        '--redact NAMES',
        'Fields, with commas between them: query (the SQL), keys (of chunks), errors (their messages, and warnings), files (their names). They become [redacted]. Also RIVET_OTEL_REDACT.',
      ],
      [
        '--redact-pattern REGEX',
        'Every match in any text; may be given several times; (?i) in front ignores case.',
      ],
      ['--redact-patterns @FILE', 'The same from a file, one a line.'],
      [
        '--redact-key $VARIABLE',
        'Or @FILE: a secret. Equal texts then become equal hashes, so that they can still be compared. Also RIVET_OTEL_REDACT_KEY, which is the key itself.',
      ],
    ],
  },
  'Such a run comes back as redacted: runs and show mark it, verify with the same options compares it, import writes it only with --include-redacted. A run whose run_id holds what is to be taken out is refused.',
  {
    lines: [
      '$ rivet-otel export --redact query,errors --to https://otlp.example.com',
      "$ rivet-otel export --redact files,keys --redact-key '$REDACT_KEY'",
    ],
  },
]
