/** Every variable of the environment that is read. A test holds it to the sources. */
import type { Part } from './topic-text.js'

/** `help environment`. */
export const ENVIRONMENT: readonly Part[] = [
  'An option goes before its variable. An empty variable is one that is not set.',
  'What is read, and what it is called:',
  {
    words: [
      [
        'RIVET_STATE_URL',
        'Where rivet keeps its state, as rivet reads it: sqlite:PATH or postgres://…',
      ],
      ['RIVET_OTEL_NAMESPACE', '--namespace'],
      ['RIVET_OTEL_LEDGER', '--ledger'],
      ['RIVET_OTEL_REDACT', '--redact'],
      ['RIVET_OTEL_REDACT_KEY', 'The key of --redact-key itself.'],
      [
        'RIVET_OTEL_READ_HEADERS',
        'Headers for reading from a Jaeger or Tempo: name=value,…, percent-encoded.',
      ],
      ['RIVET_OTEL_COMPLETION_MS', 'How long the key Tab may look for run ids (default 250).'],
      ['RIVET_OTEL_DEBUG', 'With any value, a defect is told with where it happened.'],
    ],
  },
  'Where traces go, as OpenTelemetry has it; each also as OTEL_EXPORTER_OTLP_TRACES_…, which goes first:',
  {
    words: [
      ['OTEL_EXPORTER_OTLP_ENDPOINT', '--to; /v1/traces is added.'],
      ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', '--to, as it stands.'],
      ['OTEL_EXPORTER_OTLP_PROTOCOL', '--protocol'],
      ['OTEL_EXPORTER_OTLP_HEADERS', '--header'],
      ['OTEL_EXPORTER_OTLP_TIMEOUT', '--timeout, in ms'],
      ['OTEL_EXPORTER_OTLP_COMPRESSION', '--compression'],
      ['OTEL_EXPORTER_OTLP_CERTIFICATE', '--certificate'],
      ['OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', '--client-certificate'],
      ['OTEL_EXPORTER_OTLP_CLIENT_KEY', '--client-key'],
    ],
  },
  'Who sends, and in which trace:',
  {
    words: [
      ['OTEL_SERVICE_NAME', 'What the service is called, instead of rivet.'],
      ['OTEL_RESOURCE_ATTRIBUTES', 'What else is said of it: key=value,…, percent-encoded.'],
      ['TRACEPARENT, TRACESTATE', 'The span that exec stands in; its command gets its own.'],
    ],
  },
  'Of a state database in PostgreSQL what the URL does not say, as libpq reads it: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD, PGPASSFILE, PGCONNECT_TIMEOUT, PGOPTIONS, PGSSLMODE, PGSSLNEGOTIATION, PGSSLROOTCERT, PGSSLCERT, PGSSLKEY, PGCHANNELBINDING; and HOME, for ~/.pgpass and ~/.postgresql.',
  'How results look: NO_COLOR (no colours), FORCE_COLOR (colours also in a pipe; 0 for none), TERM (dumb has none), LC_ALL, LC_CTYPE and LANG (without UTF-8 in the first of them that is set, or with TERM dumb or linux, a terminal gets plain signs), COLUMNS (how wide, where standard output is no terminal).',
]
