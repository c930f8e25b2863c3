/**
 * rivet-otel: run journals of rivet as OpenTelemetry traces, and traces as the same journals again.
 *
 * The exports stand in the order of the flow: journal, source, mapping, trace, delivery, backend,
 * and the two pipes that join them.
 */

export type {
  SearchItem,
  SpanItem,
  SpanStream,
  TraceBackend,
  TraceContent,
  TraceSearch,
} from './backends/backend.js'
export {
  type BackendFlags,
  type BackendSettings,
  backendSettings,
} from './backends/backend-settings.js'
export { openJaeger } from './backends/jaeger.js'
export { JournalSpanExporter } from './backends/journal-span-exporter.js'
export { openOtlpJsonFile, openOtlpJsonStream } from './backends/otlp-file.js'
export { fromReadableSpan } from './backends/sdk-spans.js'
export type { SpanSearch, SpanSearcher, SpanSearchItem } from './backends/span-search.js'
export { openTempo } from './backends/tempo.js'
export { type ExportOptions, exportRuns, type Wrapper } from './bridge/export-runs.js'
export {
  type ImportOptions,
  type ImportResult,
  importRuns,
  type NamespacedRecord,
} from './bridge/import-runs.js'
export { type LedgerUse, withLedger } from './bridge/ledger/with-ledger.js'
export type { RunSelection } from './bridge/run-selection.js'
export {
  type RunSearch,
  type RunSearchItem,
  searchRuns,
} from './bridge/search-runs.js'
export type {
  ExportSummary,
  RunFailure,
  RunOutcome,
  SkippedRun,
  TraceCounts,
} from './bridge/summary.js'
export { type RunVerdict, type VerifyOptions, verifyRuns } from './bridge/verify-runs.js'
export type { WatchClock } from './bridge/watch/watch-clock.js'
export type { WatchEvent } from './bridge/watch/watch-event.js'
export type { WatchMemory, WatchOptions } from './bridge/watch/watch-options.js'
export { watchRuns } from './bridge/watch/watch-runs.js'
export type { WatchSummary } from './bridge/watch/watch-summary.js'
export type {
  Delivery,
  DeliveryProblem,
  HeldRevision,
  PageOutcome,
} from './delivery/delivery.js'
export { DryRun } from './delivery/dry-run.js'
export { openOtlpFile } from './delivery/otlp-file.js'
export { openOtlpHttp } from './delivery/otlp-http.js'
export { type OtlpSettings, otlpSettings } from './delivery/otlp-settings.js'
export { otlpTargetName } from './delivery/otlp-target-name.js'
export { paced } from './delivery/paced.js'
export { toReadableSpans } from './delivery/readable-span.js'
export { deliverThrough } from './delivery/span-exporter.js'
export { journalFromJson, journalToJson, parseJournal, stringifyJournal } from './journal/codec.js'
export { journalDigest } from './journal/digest.js'
export {
  EVENT_FIELDS,
  type EventFields,
  type EventKind,
  fieldProblem,
  fieldsOf,
  type Integer,
  isEventKind,
  type KnownEvent,
  kindOf,
  type OpenedEvent,
  openEvent,
  type PlanSnapshot,
  type RunEvent,
  type UnknownEvent,
} from './journal/events.js'
export type { FieldProblem, FieldType } from './journal/field-types.js'
export {
  REDACTED_FIELDS,
  type RedactedFields,
  type RedactedJournal,
  type RedactionPolicy,
  redactorOf,
} from './journal/redaction.js'
export { redactionPattern } from './journal/redaction-pattern.js'
export { type JournalEntry, RunJournal } from './journal/run-journal.js'
export { formatTimestamp, parseTimestamp, type Timestamp } from './journal/timestamp.js'
export { canonicalJson } from './json/canonical.js'
export { type JsonObject, type JsonValue, parseJson, stringifyJson } from './json/lossless.js'
export { type Ledger, type LedgerOptions, openLedger } from './ledger/ledger.js'
export type { SettledRun } from './ledger/settled-table.js'
export { LiveRun, type LiveRunOptions } from './live/live-run.js'
export { pagesBeside, type Surroundings } from './mapping/beside.js'
export { type ExecutedCommand, execToTrace, type RunLeft } from './mapping/exec-span.js'
export {
  interruptedIdsOf,
  loadIdsOf,
  type PageKey,
  type SpanIds,
  spanIdsOf,
  type TraceIds,
  type TraceKey,
  traceIdOf,
} from './mapping/ids.js'
export {
  type BrokenRun,
  type ImportedRun,
  type ImportStatus,
  isWhole,
  type RedactedRun,
  type WholeRun,
} from './mapping/imported-run.js'
export { interruptedRunToTrace } from './mapping/interrupted-run.js'
export { type InterruptedTrace, InterruptedTraces } from './mapping/interrupted-trace.js'
export {
  DEFAULT_RESOURCE,
  JOURNAL_SCOPE,
  journalToTrace,
  type MappingOptions,
} from './mapping/journal-to-trace.js'
export { loadToTrace } from './mapping/load-to-trace.js'
export type {
  EncodedSpans,
  PageName,
  PageSubject,
  SentPage,
  SpanEncodingName,
  TracePage,
} from './mapping/page.js'
export { readSignpost, type Signpost } from './mapping/signpost.js'
export { JournalAssembler } from './mapping/trace-to-journal.js'
export { type ProblemCode, RivetOtelError } from './problem.js'
export { openJournalFile, openJournalStream } from './sources/json-file.js'
export { openPostgresSource } from './sources/postgres.js'
export type { Arrival, ArrivedRun, RunFeed, StateDatabase } from './sources/run-feed.js'
export type { RunRecords } from './sources/run-records.js'
export type { JournalSource, RunListing, Selection, SourceItem } from './sources/source.js'
export { openSqliteSource } from './sources/sqlite.js'
export { defaultStateLocation } from './sources/state-location.js'
export type { LoadRun } from './state/load-run.js'
export type {
  HarmCounter,
  ResumedRun,
  RunMetrics,
  RunRecord,
  RunStatusRow,
} from './state/run-record.js'
export type {
  ChunkTask,
  LoggedFile,
  UnjournaledListing,
  UnjournaledRun,
} from './state/unjournaled-run.js'
export {
  decodeOtlpJson,
  encodeResourceSpansJson,
  joinJsonRequest,
} from './trace/otlp-json.js'
export { decodeOtlpProtobuf, encodeResourceSpansProtobuf } from './trace/otlp-protobuf.js'
export {
  type Attributes,
  type AttributeValue,
  type InstrumentationScope,
  type ReceivedSpan,
  type Span,
  type SpanContext,
  type SpanEvent,
  SpanKind,
  type SpanLink,
  type SpanStatus,
  StatusCode,
  type Trace,
} from './trace/trace.js'
