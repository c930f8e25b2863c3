/** What there is to know about exit codes. A test holds it to the codes that there are. */
import type { Part } from './topic-text.js'

/** `help exit-codes`. */
export const EXIT_CODES: readonly Part[] = [
  {
    words: [
      ['0', 'Done.'],
      [
        '1',
        'Something was rejected, lost, could not be read, or differs; the rest was done. What it was stands on standard error.',
      ],
      ['2', 'Wrong use or bad input: an option, a file, a name that nobody knows.'],
      [
        '3',
        'Unreachable: an endpoint, a server or a state database gave no usable answer. Later it may be another.',
      ],
    ],
  },
  'exec ends with the code, or the signal, of the command that it ran: 127 where that was not found, 126 where it could not be started, and 2 where its own command line is wrong.',
  'show and runs end with 0 also for a run that failed: what was asked for is shown. verify ends with 1 where a run is not there exactly.',
  'In a script that must not fail for an endpoint that is down, let 3 pass:',
  { lines: ['$ rivet-otel export --to http://localhost:4318 || [ $? -eq 3 ]'] },
]
