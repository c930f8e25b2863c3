/** What there is to know about what is written and read. */
import type { Part } from './topic-text.js'

/** `help formats`. */
export const FORMATS: readonly Part[] = [
  {
    words: [
      [
        'journals',
        "A run as rivet's own JSON: run_id, export_name and entries. One a line (.jsonl), or a list (.json). import writes them, show --json prints one; byte for byte as rivet wrote it.",
      ],
      [
        'traces in a file',
        'OTLP JSON, a document a line, as the file exporter of an OpenTelemetry collector writes. An export adds what the file lacks, so it may be repeated.',
      ],
      [
        'traces over HTTP',
        'OTLP as protobuf, or JSON with --protocol http/json; --compression gzip makes it smaller.',
      ],
      [
        '--json',
        'What the command found, for programs: one object; of runs and watch, one object a line. Unknown is null, never 0. Durations say their unit in their name (duration_ms).',
      ],
      [
        'tables',
        'For people, as wide as the terminal or COLUMNS; they may change with any version. Programs read --json.',
      ],
    ],
  },
  'Results go to standard output, everything else to standard error, so a pipe gets nothing but the result. Control characters that came with names or messages are spelled out, never obeyed.',
  {
    lines: [
      '$ rivet-otel import --export orders | jq .run_id',
      '$ rivet-otel runs --json | jq \'select(.status == "failed")\'',
    ],
  },
]
