#!/bin/sh
# A nightly export in shell: the run of rivet and whatever started it find each other in the traces.
#
#   sh examples/nightly.sh                                         alone: the wrapper around rivet begins a trace
#   otel-cli exec --name nightly -- sh examples/nightly.sh         TRACEPARENT comes in: the wrapper is inside of that span
#   otel-cli exec --name nightly -- sh examples/nightly.sh --join  the run itself is in that trace, too
#
# RIVET is the command that exports, where its .rivet_state.db is: RIVET='rivet run -c rivet.yaml'. Without it a stand-in leaves a
# small run in a new folder. The spans go to OTEL_EXPORTER_OTLP_ENDPOINT, else into the file rivet-traces.otlp.jsonl there.
set -eu
examples=$(cd "$(dirname "$0")" && pwd)
# Where it is installed this is just rivet-otel.
rivet_otel() { node "$examples/../dist/cli.js" "$@"; }
join=${1:-}

if [ -n "${RIVET:-}" ]; then
  set -- $RIVET
else
  unset RIVET_STATE_URL
  set -- node "$examples/stand-in-for-rivet.mjs"
  cd "$(mktemp -d)"
fi
traces=${OTEL_EXPORTER_OTLP_ENDPOINT:-rivet-traces.otlp.jsonl}

# This is all that the job itself needs: the command, its output and its exit code stay as they are.
rivet_otel exec $join --to "$traces" -- "$@"

echo; echo 'The run is found by its run_id alone, in any backend:'
run_id=$(rivet_otel runs --last 1 --json | sed 's/^{"run_id":"\([^"]*\)".*/\1/')
ids=$(rivet_otel id "$run_id")
echo "$run_id"; echo "$ids"
[ -f "$traces" ] || exit 0

echo; echo 'It comes back from the file, the same journal to the letter, whichever trace it is in:'
rivet_otel runs --from "$traces" --run-id "$run_id"
rivet_otel import --from "$traces" --run-id "$run_id" --to "$run_id.jsonl"

# The links of a span, by its name and an id that its line holds: each of these spans stands on a line of its own.
links() {
  grep "\"name\":\"$1" "$traces" | grep "\"$2\"" | grep -o '"links":.*' |
    grep -o '"traceId":"[0-9a-f]*","spanId":"[0-9a-f]*"' || echo 'no link: the span around is not recorded'
}
trace=$(echo "$ids" | sed -n 's/^trace *//p')
root=$(echo "$ids" | sed -n 's/^root *//p')
echo; echo 'From the wrapper to the run:'
links 'exec ' "$root"
if [ "$join" = --join ]; then
  echo 'The run is below the wrapper; in the trace above stands a signpost to it:'
  links signpost "$trace"
else
  echo 'From the run to the wrapper, in the trace above:'
  links wrapper "$trace"
fi
