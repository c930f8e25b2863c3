/** What there is to know about the ids of traces. */
import type { Part } from './topic-text.js'

/** `help ids`. */
export const IDS: readonly Part[] = [
  'The ids of a trace are computed from the run_id, so anyone finds it without a search, in any backend, however old it is; and the same run that is sent twice is the same trace.',
  {
    lines: [
      '$ rivet-otel id orders_20261121T085339.134_11188',
      '$ rivet-otel id orders_20261121T085339.134_11188 --namespace eu --json',
    ],
  },
  {
    words: [
      [
        '--namespace NAME',
        'Is part of every id. Give one to each of several state databases that may use the same run_id, and the same one when their traces are read. RIVET_OTEL_NAMESPACE sets it for all commands.',
      ],
      ['--page N', 'A run that is too large for one trace has several, 0, 1, 2 …'],
      [
        '--revision N',
        'A journal that changed after it was sent goes into the same trace once more, as revision 1, 2 …; the newest one that is whole is what an import gives.',
      ],
    ],
  },
  'A run that exec --join put into the trace of its command is found by its run_id all the same: a signpost in its own trace leads there.',
]
