/** What there is to know about naming a run. */
import type { Part } from './topic-text.js'

/** `help references`. */
export const REFERENCES: readonly Part[] = [
  'Wherever a command takes a run, it takes any of these:',
  {
    words: [
      ['orders_20261121T…_11188', 'A whole run_id. It goes before whatever else it could mean.'],
      ['orders_20261121T0853', 'The beginning of a run_id, where only one run has it.'],
      ['@latest', 'The run that ended last.'],
      ['@latest~2', 'The second run before that one.'],
      ['orders@latest', 'The run of the export orders that ended last.'],
      ['orders@latest~1', 'The run of orders before that one.'],
    ],
  },
  'Runs that failed count, and so do those that were interrupted or are running. The order is that of rivet-otel runs.',
  'id reads nothing, so it takes a whole run_id.',
  {
    lines: ['$ rivet-otel show @latest', '$ rivet-otel show orders@latest~1 -c etl/rivet.yaml'],
  },
  'With completion (rivet-otel help completion) the key Tab lists run ids, the newest first.',
]
