/** Options that several commands share, in one wording. */
import { type Command, Option } from 'commander'

/**
 * Options about the connection to an OTLP endpoint.
 *
 * @example
 * connecting(program.command('export'))
 */
export function connecting(command: Command): Command {
  return command
    .optionsGroup('Options for an OTLP endpoint:')
    .addOption(
      new Option('--protocol <name>', 'http/protobuf or http/json (OTEL_EXPORTER_OTLP_PROTOCOL)'),
    )
    .option(
      '--header <name=value>',
      'a header; a value that begins with $ names a variable, one with @ a file',
      collect,
    )
    .option('--timeout <ms>', 'for one request (OTEL_EXPORTER_OTLP_TIMEOUT, default 10000)')
    .option('--compression <name>', 'gzip or none (OTEL_EXPORTER_OTLP_COMPRESSION)')
    .option('--certificate <file>', 'trusted certificates, PEM (OTEL_EXPORTER_OTLP_CERTIFICATE)')
    .option('--client-certificate <file>', 'PEM (OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE)')
    .option('--client-key <file>', 'PEM (OTEL_EXPORTER_OTLP_CLIENT_KEY)')
    .option('--max-request-bytes <n>', 'size of a request before compression (default 4000000)')
    .option('--concurrency <n>', 'requests under way at once (default 4)')
    .option(
      '--retry-for <ms>',
      'how long a request that failed for the moment is tried again (default 10000, 0 never)',
    )
}

/**
 * Options that name what is read: journals, from rivet's state database unless told otherwise.
 *
 * @example
 * reading(program.command('runs'))
 */
export function reading(command: Command): Command {
  return command
    .option('--from <location>', 'where to read')
    .option('-c, --config <file>', "rivet's configuration; the state database lies beside it")
}

/**
 * Options that select runs.
 *
 * @example
 * selecting(program.command('export'))
 */
export function selecting(command: Command): Command {
  return command
    .option(
      '--run-id <id>',
      'this run, by its run_id, its beginning, or orders@latest; may be given several times',
      collect,
    )
    .option('--export <name>', 'runs of this export; may be given several times', collect)
    .option('--last <n>', 'only the newest n')
    .option(
      '--since <time>',
      'only runs that ended since: 2026-11-21, 2026-11-21T08:00:00Z, 90m, 24h, 7d',
    )
    .option('--until <time>', 'only runs that ended before; like --since')
    .option('--all', 'every run')
}

/**
 * Options that select runs where they are looked at.
 *
 * @example
 * selectingMore(program.command('runs'))
 */
export function selectingMore(command: Command): Command {
  return selecting(command)
    .option(
      '--status <status>',
      'runs of this status: success, failed, skipped, interrupted, running …',
      collect,
    )
    .option(
      '--trace-id <id>',
      'of traces, the runs in this one; may be given several times',
      collect,
    )
}

/**
 * Options that say what is taken out of journals before they become traces.
 *
 * @example
 * redacting(program.command('export'))
 */
export function redacting(command: Command): Command {
  return command
    .optionsGroup('Options for what is taken out of the journals (passwords always are):')
    .option(
      '--redact <names>',
      'fields, with commas between them: query, keys, errors, files (RIVET_OTEL_REDACT)',
    )
    .option(
      '--redact-pattern <regex>',
      'every match in any text; may be given several times; (?i) in front ignores case',
      collect,
    )
    .option('--redact-patterns <@file>', 'the same, one a line')
    .option(
      '--redact-key <$VARIABLE>',
      'or @file: a secret; equal texts then stay equal, as keyed hashes (RIVET_OTEL_REDACT_KEY)',
    )
}

/**
 * Options about a server that is read from.
 *
 * @example
 * fromServer(program.command('show'))
 */
export function fromServer(command: Command): Command {
  return command
    .optionsGroup('Options for jaeger+http(s):// and tempo+http(s)://:')
    .option(
      '--header <name=value>',
      'a header; $ names a variable, @ a file (RIVET_OTEL_READ_HEADERS)',
      collect,
    )
    .option('--tenant <name>', 'the header X-Scope-OrgID')
    .option('--timeout <ms>', 'for one request (default 30000)')
    .option('--certificate <file>', 'trusted certificates, PEM')
    .option('--client-certificate <file>', 'PEM')
    .option('--client-key <file>', 'PEM')
    .option('--retry-for <ms>', 'how long a failed request is tried again (default 10000)')
    .option(
      '--wait <time>',
      'how long a run is waited for that was named or found and is not whole yet (default 0, e.g. 30s)',
    )
}

/**
 * Gathers the values of an option that may be given several times.
 *
 * @example
 * command.option('--header <name=value>', 'a header', collect)
 */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

/**
 * Options about where runs are sent to.
 *
 * @example
 * sendingTo(program.command('export'))
 */
export function sendingTo(command: Command): Command {
  return command
    .option(
      '--to <location>',
      'http(s)://host:4318, or a file (default: the endpoint of OTEL_EXPORTER_OTLP_*, else rivet-traces.otlp.jsonl)',
    )
    .option(
      '--namespace <name>',
      'part of every id; tells state databases apart (RIVET_OTEL_NAMESPACE)',
    )
}

/**
 * Options about how runs are sent: what is taken out of them, over which connection, how fast, and
 * what remembers it.
 *
 * @example
 * delivering(program.command('export'))
 */
export function delivering(command: Command): Command {
  return connecting(redacting(command))
    .option(
      '--max-traces-per-second <n>',
      'a Tempo with default settings drops what comes faster, and does not say so (default 500)',
    )
    .option(
      '--ledger <file>',
      'remembers what the endpoint accepted (RIVET_OTEL_LEDGER, default rivet-otel-ledger.db)',
    )
}

/** What `--namespace` means where traces are read. */
export const OF_THIS_NAMESPACE =
  'of traces, only those that were sent with this namespace (RIVET_OTEL_NAMESPACE)'
