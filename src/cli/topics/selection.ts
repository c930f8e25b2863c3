/** What there is to know about selecting runs. */
import type { Part } from './topic-text.js'

/** `help selection`. */
export const SELECTION: readonly Part[] = [
  'Every condition that is given must hold; an option that is given several times holds where one of its values does.',
  {
    words: [
      ['--run-id ID', 'This run; see rivet-otel help references.'],
      ['--export NAME', 'Runs of this export.'],
      ['--status STATUS', 'Runs that ended so: success, failed, skipped; or interrupted, running.'],
      ['--since TIME', 'Runs that ended then or later.'],
      ['--until TIME', 'Runs that ended before then.'],
      ['--last N', 'Only the newest N of those that the other conditions leave.'],
      ['--all', 'Every run; goes with none of the others that limit.'],
      ['--trace-id ID', 'Of traces, the runs in this one; 32 hexadecimal digits.'],
    ],
  },
  'A time is one of:',
  {
    words: [
      ['90s, 90m, 24h, 7d, 2w', 'So long ago: seconds, minutes, hours, days, weeks.'],
      ['2026-11-21', 'The beginning of that day, UTC.'],
      ['2026-11-21T08:00:00Z', 'That moment; an offset such as +02:00 may stand for Z.'],
    ],
  },
  'Without a selection export and verify take every run, runs the last 20. A Jaeger or Tempo is searched for a week back, unless --since or --all says otherwise.',
  {
    lines: [
      '$ rivet-otel runs --since 24h --status failed --status interrupted',
      '$ rivet-otel export --export orders --since 2026-11-01 --until 2026-11-08',
    ],
  },
]
