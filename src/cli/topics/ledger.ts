/** What there is to know about the ledger. */
import type { Part } from './topic-text.js'

/** `help ledger`. */
export const LEDGER: readonly Part[] = [
  'An OTLP endpoint cannot be asked what it has. So export, watch and exec write down what it accepted, in rivet-otel-ledger.db in the working directory, and send no run twice. A file of traces is asked itself and needs no ledger.',
  {
    words: [
      ['--ledger FILE', 'Another place; also RIVET_OTEL_LEDGER.'],
      ['--no-ledger', 'Remember nothing: the endpoint gets every run again.'],
      [
        '--again',
        'Send also what is there, or was given up after 5 refusals; with --run-id for one run.',
      ],
    ],
  },
  'It holds, for each endpoint and run, the digest of what left, what was accepted, and the last refusal: no journals, no credentials. One ledger serves several endpoints and may be shared by exports that run at once.',
  'Keep it on a local disk that outlives the process. Without it everything is sent once more, the same to the byte; delete it only when the backend lost its data too.',
]
