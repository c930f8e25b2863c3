/** What there is to know about the places that commands read and write. */
import { DEFAULT_PLACE, PLACES } from '../locations-help.js'
import type { Part } from './topic-text.js'

/** `help locations`. */
export const LOCATION_PARTS: readonly Part[] = [
  'Every command names its places in one way. What a file holds is seen from the file, not from its name.',
  { words: PLACES.map(({ name, about }) => [name, about] as const) },
  `Reading (--from) defaults to ${DEFAULT_PLACE}. import and --in default to rivet-traces.otlp.jsonl.`,
  'Sending (--to) defaults to the endpoint of OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT and, where neither is set, to the file rivet-traces.otlp.jsonl.',
  {
    lines: [
      '$ rivet-otel runs -c etl/rivet.yaml',
      '$ rivet-otel show @latest --from tempo+http://localhost:3200',
      '$ rivet-otel export --from journals.jsonl --to http://localhost:4318',
    ],
  },
  'A password in a URL is seen by everyone who lists the processes of the machine: give such a URL in RIVET_STATE_URL or OTEL_EXPORTER_OTLP_ENDPOINT.',
]
